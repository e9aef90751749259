(title Amazing Grace)
(composer Traditional)
(year 1829)
(meter 3 4)
(key 1)
(mode major)
(tempo 84.0)
(pickup 1)
(style waltz)
(part
    (type chords)
    (key 1)
)

NC |
G6 | G7 | C6 | G6 |
G6 | A7 | D7 | / |
G7 | G7/B | C6 | G6/D |
Em7 | Am7 / D7 | G6 | C6 / D7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key 1)
)
r2 d4
g2 b8 g8
b2 a4
g2 e4
d2 d4
g2 b8 g8
b2 a4
d+2+4
d+2 b4
d+4+8 b8 d+8 b8
g2 d4
e4+8 g8 g8 e8
d2 d4
g2 b8 g8
b2 a4
g2+4
g2 r4
