(title Basic Blues in C)
(meter 4 4)
(key 0)
(mode major)
(tempo 120.0)
(style swing)
(part
    (type chords)
    (key 0)
)

C7 | / | / | / |
F7 | / | C7 | / |
G7 | F7 | C7 | G7 |
