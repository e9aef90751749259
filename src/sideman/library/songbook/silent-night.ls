(title Silent Night)
(composer Franz Xaver Gruber)
(year 1818)
(meter 3 4)
(key -2)
(mode major)
(tempo 88.0)
(style waltz)
(part
    (type chords)
    (key -2)
)

Bb6 | Gm7 | Bb6/D | Gm7 |
F7 | / | BbM7 | Bb7 |
Eb6 | / | Bb6/D | Bb7 |
Eb6 | / | Bb6/D | G7#9 |
Cm7 | F7 | Bb6 | D7#5 |
Gm7 | Cm7 / F7 | Bb6 | Cm7 / F7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key -2)
)
f4+8 g8 f4
d2+4
f4+8 g8 f4
d2+4
c+2 c+4
a2+4
bb2 bb4
f2+4
g2 g4
bb4+8 a8 g4
f4+8 g8 f4
d2+4
g2 g4
bb4+8 a8 g4
f4+8 g8 f4
d2+4
c+2 c+4
eb+4+8 c+8 a4
bb2+4
d+2+4
bb4 f4 d4
f4+8 eb8 c4
bb-2+4
bb-2 r4
