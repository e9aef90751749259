(title Bird Blues in F)
(meter 4 4)
(key -1)
(mode major)
(tempo 180.0)
(style swing)
(part
    (type chords)
    (key -1)
)

FM7 | Em7b5 A7b9 | Dm7 G7 | Cm7 F7 |
Bb7 | Bbm7 Eb7 | Am7 D7 | Abm7 Db7 |
Gm7 | C7 | F6 D7b9 | Gm7 C7 |
