(title Londonderry Air)
(composer Traditional)
(year 1855)
(meter 4 4)
(key -1)
(mode major)
(tempo 63.0)
(pickup 1)
(style ballad)
(part
    (type chords)
    (key -1)
)

NC |

(section (style) (label A))
F6 F7 | Bb6 | F6/C D7 | Gm7 C7 |
F6 F7 | Bb6 Bo7 | F6/C C7 | Bb6 F6 |

(section (style) (label B))
F6 Dm7 | FM7 F7 | Dm7 G7 | Gm7 C7 |
F7 Bb6 | F6/C Dm7 | Gm7 C7 | F6 C7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key -1)
)
r2+8 e8 f8 g8
a4+8 g8 a8 d+8 c+8 a8
g8 f8 d4+8 f8 a8 bb8
c+4+8 d+8 c+8 a8 f8 a8
g2+8 e8 f8 g8
a4+8 g8 a8 d+8 c+8 a8
g8 f8 d4+8 e8 f8 g8
a4+8 bb8 a8 g8 f8 g8
f2+8 c+8 d+8 e+8
f+4+8 e+8 e+8 d+8 c+8 d+8
c+8 a8 f4+8 c+8 d+8 e+8
f+4+8 e+8 e+8 d+8 c+8 a8
g2+8 c+8 c+8 c+8
a+4+8 g+8 g+8 f+8 d+8 f+8
c+8 a8 f4+8 e8 f8 g8
a8 d+8 c+8 a8 g8 f8 d8 e8
f2 r2
