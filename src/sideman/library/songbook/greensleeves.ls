(title Greensleeves)
(composer Traditional)
(meter 3 4)
(key 0)
(mode minor)
(tempo 150.0)
(pickup 1)
(style waltz)
(part
    (type chords)
    (key 0)
)

NC |

(section (style) (label A))
Am7 | D9 | GM7 | Em7 |
Am7 | FM7 | E7 | E7b9 |
Am7 | D9 | GM7 | Em7 |
FM7 | E7 | Am6 | / |

(section (style) (label B))
CM7 | / | GM7 | Em7 |
Am7 | FM7 | E7 | E7b9 |
CM7 | / | GM7 | Em7 |
FM7 | E7 | Am6 | Am6 / E7b9 |

(part
    (type melody)
    (title Head)
    (instrument 73)
    (key 0)
)
r2 a4
c+2 d+4
e+4+8 f#+8 e+4
d+2 b4
g4+8 a8 b4
c+2 a4
a4+8 g#8 a4
b2 g#4
e2 a4
c+2 d+4
e+4+8 f#+8 e+4
d+2 b4
g4+8 a8 b4
c+4+8 b8 a4
g#4+8 f#8 g#4
a2+4
a2 r4
g+2+4
g+4+8 f#+8 e+4
d+2 b4
g4+8 a8 b4
c+2 a4
a4+8 g#8 a4
b2 g#4
e2+4
g+2+4
g+4+8 f#+8 e+4
d+2 b4
g4+8 a8 b4
c+4+8 b8 a4
g#4+8 f#8 g#4
a2+4
a2 r4
