(title Bye Bye Blackbird)
(composer Ray Henderson)
(year 1926)
(meter 4 4)
(key -1)
(mode major)
(tempo 144.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
F6 | Gm7 C7 | F6 | / |
F6/A | Abo7 | Gm7 | C7 |

(section (style) (label B))
Gm7 | GmM7 | Gm7 | C7 |
Gm7 | C7 | F6 | / |

(section (style) (label C))
F7 | E7 | Eb7 | D7 |
Gm7 | / | Gm7b5 | C7 |

(section (style) (label A))
F6 | Gm7 C7 | F6 | Am7b5 D7b9 |
Gm7 | C7 | F6 | Gm7 C7 |

(part
    (type melody)
    (title Head)
    (instrument 66)
    (key -1)
)
a4 a4 a4 a4
bb4 a4 a2
a4 g4 g2
g4 f4 f2
f1
g1
f2 e2+2
r2
bb4 bb4 bb4 bb4
c+4 bb4 bb2
bb4 a4 a2
a4 g4 g2
g1
a1
g2 f2+2
r2
f4 c+4 c+4 c+4
c+4 bb4 a4 g4
g1
f#1
d4 bb4 bb4 bb4
bb4 a4 g4 f4
f1
e1
a4 a4 a4 a4
bb4 a4 a2
a4 g4 g2
g4 f#4 f#2
g2 bb1
e2
f2 r2
r1
