(title Jingle Bells)
(composer James Lord Pierpont)
(year 1857)
(meter 4 4)
(key 1)
(mode major)
(tempo 184.0)
(style swing)
(part
    (type chords)
    (key 1)
)

(section (style) (label A))
G6 | Am7 D7 | G6 | Dm7 G7 |
C6 | G6/B | A7 | D7 |

(section (style) (label B))
G6 | Am7 D7 | G6 | Dm7 G7 |
C6 | G6/B E7 | Am7 D7 | G6 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key 1)
)
b4 b4 b2
b4 b4 b2
b4 d+4 g4+8 a8
b1
c+4 c+4 c+4+8 c+8
c+4 b4 b4 b8 b8
b4 a4 a4 b4
a2 d+2
b4 b4 b2
b4 b4 b2
b4 d+4 g4+8 a8
b1
c+4 c+4 c+4+8 c+8
c+4 b4 b4 b8 b8
d+4 d+4 c+4 a4
g2+4 r4
