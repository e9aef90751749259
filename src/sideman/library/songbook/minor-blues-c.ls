(title Minor Blues in C)
(meter 4 4)
(key -3)
(mode minor)
(tempo 140.0)
(style swing)
(part
    (type chords)
    (key -3)
)

Cm7 | / | / | C7#5 |
Fm7 | / | Cm7 | / |
Ab7 | G7#9 | Cm7 | Dm7b5 G7b9 |
