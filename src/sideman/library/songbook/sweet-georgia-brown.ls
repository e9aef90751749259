(title Sweet Georgia Brown)
(composer Ben Bernie and Maceo Pinkard)
(year 1925)
(meter 4 4)
(key -4)
(mode major)
(tempo 208.0)
(style swing)
(part
    (type chords)
    (key -4)
)

(section (style) (label A))
F7 | / | / | / |
Bb7 | / | / | / |

(section (style) (label B))
Eb7 | / | / | / |
Ab6 | Bbm7 Eb7 | Ab6 | Gm7b5 C7 |

(section (style) (label A))
F7 | / | / | / |
Bb7 | / | / | / |

(section (style) (label C))
Fm7 | C7 | Fm7 | C7 |
Ab6 | F7 | Bb7 Eb7 | Ab6 |

(part
    (type melody)
    (title Head)
    (instrument 66)
    (key -4)
)
f4 g4 a4 f4
c+4 a4 d+4 c+4
f+2 c+4 a4
f2. r4
f4 g4 ab4 f4
c+4 ab4 d+4 c+4
f+2 d+4 c+4
bb2. r4
eb4 f4 g4 eb4
bb4 g4 c+4 bb4
eb+2 bb4 g4
eb4 r8 eb8 f8 eb8 f4
c+1
r4 r8 eb8 f8 eb8 f4
c+2. c+4
bb2. r4
f4 g4 a4 f4
c+4 a4 d+4 c+4
f+2 c+4 a4
f2. r4
f4 g4 ab4 f4
c+4 ab4 d+4 c+4
f+2 d+4 c+4
bb2. r4
c+2 c+2
bb4 g4 c+4 c+4
c+2 c+2
bb4 g4 c+4 r4
eb4 f4 ab4 c+4
eb+4 e+4 f+4 c+4
bb2 eb+4 c+4
ab2. r4
