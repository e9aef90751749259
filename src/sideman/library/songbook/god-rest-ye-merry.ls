(title God Rest Ye Merry, Gentlemen)
(composer Traditional)
(meter 4 4)
(key -1)
(mode minor)
(tempo 168.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |

(section (style) (label A))
Dm6 | Dm7 C7 | BbM7 Gm7 | A7 |
Dm6 | Dm7 C7 | BbM7 Gm7 | A7 |

(section (style) (label B))
Gm7 C7 | FM7 | Dm7 | Gm7 |
F6 | A7 | Dm7 | Gm7 |
F6 Bb7 | A7sus4 A7 | Dm6 | Em7b5 A7b9 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key -1)
)
r2+4 d4
d4 a4 a4 g4
f4 e4 d4 c4
d4 e4 f4 g4
a2+4 d4
d4 a4 a4 g4
f4 e4 d4 c4
d4 e4 f4 g4
a2+4 a4
bb4 g4 a4 bb4
c+4 d+4 a4 g4
f4 d4 e4 f4
g2 f4 g4
a2 bb4 a4
a4 g4 f4 e4
d2 f8 e8 d4
g2 f4 g4
a4 bb4 c+4 d+4
a4 g4 f4 e4
d2+4 r4
r1
