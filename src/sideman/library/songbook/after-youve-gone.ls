(title After You've Gone)
(composer Turner Layton)
(year 1918)
(meter 4 4)
(key -2)
(mode major)
(tempo 208.0)
(style swing)
(part
    (type chords)
    (key -2)
)

(section (style) (label A))
Eb6 | Ebm6 | Bb6 | G7 |
C7 | F7 | Bb6 | Bb7 |

(section (style) (label B))
Eb6 | Ebm6 | Bb6 | G7 |
Cm7 G7 | Cm7 Ebm6 | Bb6 D7 | Gm7 C7 |
Bb6/F G7 | C7 F7 | Bb6 | Bb7 |

(part
    (type melody)
    (title Head)
    (instrument 66)
    (key -2)
)
g8 bb8 c+8 d+8+2
r8 c+8 d+8 c+8 d+8 c+4.
d8 f8 g8 a8+2
r8 g8 a8 g8 a8 g4.
g8 d+4 d+8+2
g8 c+4 c+8+2
r8 g8 g8 f8 a8 f8 g8 f8
bb8 d4 f8+2
g8 bb8 c+8 d+8+2
r8 c+8 d+8 c+8 d+8 c+4.
d8 f8 g8 a8+2
r8 g8 a8 g8 a8 g4.
eb+2 d+2
c+8 f#8 g8 d+8+4 c+4
r8 c#+8 d+8 bb8 c+8 b8 c+8 a8
bb8 c#8 d8 a8+4 g4
f8 g8 bb8 d+8+2
r8 eb8 f8 g8 c+4 d+4
d+8 bb2+4+8
r1
