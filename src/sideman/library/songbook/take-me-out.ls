(title Take Me Out to the Ball Game)
(composer Albert von Tilzer)
(year 1908)
(meter 3 4)
(key 0)
(mode major)
(tempo 176.0)
(style waltz)
(part
    (type chords)
    (key 0)
)

(section (style) (label A))
C6 | / | G7 | / |
C6 | / | G7 | / |
A7 | / | Dm7 | / |
D7 | / | G7 | / |

(section (style) (label B))
C6 | / | G7 | / |
C6 | C7 | F6 | / |
F6 | F#o7 | C6/G | A7 |
D7 | G7 | C6 | Dm7 / G7 |

(part
    (type melody)
    (title Head)
    (instrument 65)
    (key 0)
)
c2 c+4
a4 g4 e4
g2+4
d2+4
c2 c+4
a4 g4 e4
g2+4
g2+4
a4 g#4 a4
e4 f4 g4
a2 f4
d2+4
a2 a4
a4 b4 c+4
d+4 b4 a4
g4 e4 d4
c2 c+4
a4 g4 e4
g2+4
d2 d4
c2 d4
e4 f4 g4
a2+4
a4 a4 b4
c+2+4
c+2+4
c+4 b4 a4
g4 f#4 g4
a2+4
b2+4
c+2+4
c+2 r4
