(title Stepping Stones)
(composer sideman)
(comments Two-five-ones in C, B flat and A flat. Arpeggios climb through the two, the five leans on its flat nine, the one is a place to breathe.)
(meter 4 4)
(key 0)
(mode major)
(tempo 150.0)
(style swing)

(part
    (type chords)
    (key 0)
)

Dm7 | G7 | CM7 | CM7 |
Cm7 | F7 | BbM7 | BbM7 |
Bbm7 | Eb7 | AbM7 | AbM7 |
Dm7 | G7 | CM7 | CM7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
r8 d8 e8 f8 a8 c+8 b8 a8
g8 a8 b8 d+8 f+8 eb+8 d+8 db+8
c+4 b8 g8 e4 r4
r8 d+8 c+8 b8 a8 g8 e8 eb8+4
f8 g8 bb4 d+8 c+8
b8 c+8 eb+8 db+8 c+8 bb8 a8 gb8
f4. g8 d+4 r4
r4 bb8 a8 g8 f8 d4
db8 eb8 f8 ab8 c+4 bb4
a8 bb8 db+8 e+4 eb+8 db+8 b8
c+4 bb8 g8 eb4 r4
r2 bb8 c+8 g8 f8
e4. f8 a4 d+4
c+8 b8 a8 ab8 g8 f8 eb8 d8
e8 g8 d4 r8 c8 d8 eb8
e4 d8 b-8 c2
