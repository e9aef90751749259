(title Happy Birthday to You (Waltz))
(composer Patty and Mildred J. Hill)
(year 1893)
(meter 3 4)
(key -1)
(mode major)
(tempo 150.0)
(pickup 1)
(style waltz)
(part
    (type chords)
    (key -1)
)

NC |
F6 | C9 | Gm7 C7 / | F6 |
Cm7 F7 / | BbM7 | F/C / C7 | F6 / C7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key -1)
)
r2 c8 c8
d4 c4 f4
e2 c8 c8
d4 c4 g4
f2 c8 c8
c+4 a4 f4
e4 d4 bb8 bb8
a4 f4 g4
f2 r4
