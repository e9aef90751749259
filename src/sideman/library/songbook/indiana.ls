(title (Back Home Again in) Indiana)
(composer James F. Hanley)
(year 1917)
(meter 4 4)
(key -1)
(mode major)
(tempo 200.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |

(section (style) (label A))
F6 | D7 | G7 | / |
Gm7 | C7 | F6 | Cm7 F7 |

(section (style) (label B))
Bb6 | Bbm6 | F6 | D7 |
G7 | / | Gm7 | C7 |

(section (style) (label A))
F6 | D7 | G7 | / |
A7 | / | Dm7 | A7 |

(section (style) (label C))
Dm7 | A7 | Dm7 | Abo7 |
Am7 D7 | Gm7 C7 | F6 | Gm7 C7 |

(part
    (type melody)
    (title Head)
    (instrument 66)
    (key -1)
)
r4 c4 f4 a4
c+1
r4 d+4 c+4 a4
g4 d2+4
r2 e4 f4
a2+4 e4
a2 g2
f1
r4 f4 e4 eb4
d4 f4 bb2
bb2 d2
c4 f4 a2
a2 a4 bb4
b4 a4 e2
e2 d2
g1
r4 c4 f4 a4
c+1
r4 d+4 c+4 a4
g4 d2+4
r2 e4 f4
a2+4 e4
a2 g2
f1
r2 f4 g4
a4 g#4 a4 f4
g4 a4 g4 e4
f4 d2+4
r2 e4 d4
c2 f4 a4
c+4 g4 bb4 a4
f1
r1
