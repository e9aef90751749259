(title Avalon)
(composer Vincent Rose)
(year 1920)
(meter 4 4)
(key -1)
(mode major)
(tempo 220.0)
(pickup 1)
(style swing)
(part
    (type chords)
    (key -1)
)

NC |

(section (style swing) (label A))
Gm7 | C7 | Gm7 | C7 |
F6 | / | F6 | D7b9 |

(section (style) (label A))
Gm7 | C7 | Gm7 | C7 |
F6 | / | F6 | / |

(section (style) (label B))
D7 | / | / | / |
Gm7 | / | Bbm6 | / |

(section (style) (label C))
F6 | / | D7 | / |
Gm7 | C7 | F6 | / |

(part
    (type melody)
    (title Head)
    (instrument 66)
    (key -1)
)
r2 c2
g2 a2
bb2 c+2
bb4 a4 g2+4
r4 c2
f1+2
g2
a1+4
r4 c2
e2 f2
g2 f2
e4 d4 c2+4
r4 d2
a1+4
r4 d2
a1+4
r4 d2
a2 bb2
c+2 d+2
c+4 bb4 a2+4
r4 d2
g1+2
a2
bb1+4
r4 d2
c2 f2
a2 c+2
e+4 d+4 e+1
d+2
bb1
a1
f1
r1
