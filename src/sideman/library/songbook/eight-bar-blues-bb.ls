(title Eight-Bar Blues in Bb)
(meter 4 4)
(key -2)
(mode major)
(tempo 92.0)
(style swing)
(part
    (type chords)
    (key -2)
)

Bb7 | F7 | Eb7 | Eo7 |
Bb7/F G7 | C7 F7 | Bb7 Eb7 | Bb7 F7 |
