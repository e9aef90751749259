(title When the Saints Go Marching In)
(composer Traditional)
(meter 4 4)
(key -1)
(mode major)
(tempo 176.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |
F6 | / | / | / |
F6 | Dm7 | Gm7 | C7 |
F6 | F7 | Bb6 | Bbm6 |
F6/C | Gm7 C7 | F6 | F6 C7 |

(part
    (type melody)
    (title Head)
    (instrument 56)
    (key -1)
)
r4 f4 a4 bb4
c+1
r4 f4 a4 bb4
c+1
r4 f4 a4 bb4
c+2 a2
f2 a2
g1
r4 a4 a4 g4
f2+4 f4
a2 c+4 c+4
c+4 bb2+4
r2 a4 bb4
c+2 a2
f2 g2
f1
r1
