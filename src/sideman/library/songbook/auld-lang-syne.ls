(title Auld Lang Syne)
(composer Traditional)
(meter 4 4)
(key -1)
(mode major)
(tempo 96.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |

(section (style) (label A))
F6 Dm7 | Gm7 C7 | F6 F7 | Bb6 Bo7 |
F6/C D7#9 | Gm7 C7 | Gm7 C7 | F6 C7 |

(section (style) (label B))
F6 Dm7 | Gm7 C7 | F6 F7 | Bb6 Bo7 |
F6/C D7#9 | Gm7 C7 | Gm7 C7 | F6 C7 |

(part
    (type melody)
    (title Head)
    (instrument 56)
    (key -1)
)
r2+4 c4
f4+8 f8 f4 a4
g4+8 f8 g4 a4
f4+8 f8 a4 c+4
d+2+4 d+4
c+4+8 a8 a4 f4
g4+8 f8 g4 a4
f4+8 d8 d4 c4
f2+4 d+4
c+4+8 a8 a4 f4
g4+8 f8 g4 d+4
c+4+8 a8 a4 c+4
d+2+4 d+4
c+4+8 a8 a4 f4
g4+8 f8 g4 a4
f4+8 d8 d4 c4
f2+4 r4
