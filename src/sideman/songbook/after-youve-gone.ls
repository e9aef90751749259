(title After You've Gone)
(composer Turner Layton)
(year 1918)
(meter 4 4)
(key -2)
(tempo 208.0)
(style swing)
(part
    (type chords)
    (key -2)
)

(section (style) (label A))
Eb6 | Ebm6 | Bb6 | G7 |
C7 | F7 | Bb6 | Bb7 |

(section (style) (label B))
Eb6 | Ebm6 | Bb6 | G7 |
Cm7 G7 | Cm7 Ebm6 | Bb6 D7 | Gm7 C7 |
Bb6/F G7 | C7 F7 | Bb6 | Bb7 |
