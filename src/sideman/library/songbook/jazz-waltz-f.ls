(title Seven Stairs)
(meter 3 4)
(key -1)
(mode major)
(tempo 168.0)
(style waltz)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
FM7 | Em7b5 A7b9 / | Dm7 | Cm7 F7 / |
BbM7 | Bbm6 | Am7 | D7b9 |
Gm7 | C7 | Am7 | Abo7 |
Gm7 | C7 | FM7 | Gm7 C7 / |

(section (style) (label B))
Cm7 | F7 | BbM7 | / |
Bbm7 | Eb7 | AbM7 | / |
Gm7 | C7 | Am7 | D7b9 |
Gm7 | C7b9 | F6 | / |
