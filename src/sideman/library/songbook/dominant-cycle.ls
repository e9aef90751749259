(title Dominants Around the Cycle)
(meter 4 4)
(key 0)
(mode major)
(tempo 120.0)
(style swing)
(part
    (type chords)
    (key 0)
)

C7 | / | F7 | / |
Bb7 | / | Eb7 | / |
Ab7 | / | Db7 | / |
F#7 | / | B7 | / |
E7 | / | A7 | / |
D7 | / | G7 | / |
