(title Happy Birthday to You)
(composer Patty and Mildred J. Hill)
(year 1893)
(meter 4 4)
(key -1)
(mode major)
(tempo 132.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |
F6 D7#9 | Gm6 C7 | Gm7 C7b9 | F6 F7 |
Cm7 F7 | BbM7 G7#9 | F/C C7sus4 | F6 C7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key -1)
)
r2+4 c8 c8
d2 c4 f4
e2+4 c8 c8
d2 c4 g4
f2+4 c8 c8
c+2 a4 f4
e2 d4 bb8 bb8
a2 f4 g4
f2+4 r4
