(title St. Louis Blues)
(composer W. C. Handy)
(year 1914)
(meter 4 4)
(key 1)
(mode major)
(tempo 112.0)
(style swing)
(part
    (type chords)
    (key 1)
)

(section (style) (label A))
G7 | C7 | G7 | / |
C7 | / | G7 | / |
D7 | C7 | G7 | D7 |

(section (style latin) (label B))
Gm6 | / | D7 | / |
/ | / | Gm6 | / |
Gm6 | / | D7 | / |
/ | / | Gm6 | D7 |

(section (style swing) (label C))
G7 | / | / | / |
C7 | / | G7 | / |
D7 | / | G7 C7 | G7 D7 |

(part
    (type melody)
    (title Head)
    (instrument 56)
    (key 1)
)
b8 d+8 b8 g8+2
r8 d#8 e8 g8 bb4 a4
g1
r1
r8 e8 g8 a8+2
r8 e8 g8 a8 bb4 a4
g1
r1
f8 a8 f8 d8+2
r8 bb4 bb8 bb4 a4
g1
r2 r8 d+8 d+8 bb8
d+8 d+4.+2
r8 c+8 c+8 c#+8 d+8 bb4.
a1
r2 r8 c+8 c+8 a8
c+8 c+4.+2
r8 c+8 c+8 c#+8 d+8 a4.
g1
r2 r8 d+8 d+8 bb8
d+8 d+4.+2
r8 c+8 c+8 c#+8 d+8 bb4.
a1
r2 r8 c+8 c+8 a8
c+8 c+4.+2
r8 c+8 c+8 c#+8 d+8 a4.
g2 a2
d+4. c+8+2
g4 bb8 b8 g4 a8 b8
g4 bb8 b8 g8 a8 b4
g1
r2 r4 bb8 b8
a4 g8 e8 g4 a8 bb8
a4 g8 e8 g8 a8 bb4
g1
r2 r4 bb8 b8
d+4 bb8 b8 d8 bb8 b8 c8+8
bb8 b8 d8+8 bb8 b8 g8+1
r1
