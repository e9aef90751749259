(title Down by the Riverside)
(composer Traditional)
(meter 4 4)
(key -1)
(mode major)
(tempo 184.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
F6 | / | / | / |
C7 | / | F6 | / |
F6 | / | / | / |
C7 | / | F6 | F7 |

(section (style) (label B))
Bb6 | / | F6 | / |
C7 | / | F6 | F7 |
Bb6 | Bo7 | F6/C | D7 |
Gm7 | C7 | F6 | C7 |
