(title Blues in F)
(meter 4 4)
(key -1)
(mode major)
(tempo 140.0)
(style swing)
(part
    (type chords)
    (key -1)
)

F7 | Bb7 | F7 | Cm7 F7 |
Bb7 | Bo7 | F7 | Am7b5 D7b9 |
Gm7 | C7 | F7 D7b9 | Gm7 C7 |
