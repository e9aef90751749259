(title Tin Cup)
(composer sideman)
(comments Minor two-five-ones in C, F and B flat minor. Diminished fifths and flat ninths leap, the tonic's sixth softens the landing.)
(meter 4 4)
(key -3)
(mode minor)
(tempo 120.0)
(style swing)

(part
    (type chords)
    (key -3)
)

Dm7b5 | G7b9 | Cm6 | Cm6 |
Gm7b5 | C7b9 | Fm6 | Fm6 |
Cm7b5 | F7b9 | Bbm6 | Bbm6 |
Dm7b5 | G7b9 | Cm6 | Cm6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -3)
    (stave treble)
)
d8 f8 ab4 g8 f8 c+4
b8 c+8 ab8 g8 f8 eb8 d4
c8 d8 eb8 g8 a4 g4
r8 g8 c+8 b8 g4 r4
g8 a8 bb8 db+4 c+8 f+4
e+8 f+8 db+8 c+8 bb8 ab8 g4
e8 f8 ab8 b8 c+8 d+8 c+4
r2 r8 c8 f8 g8
gb4 f8 gb8 ab8 bb8 gb4
f8 gb8 a8 eb+8 db+8 c+8 a4
a8 bb8 g4 f8 db4 c8
r8 bb-8 c8 db8 f4 g8 ab8+4
c+8 bb8 ab8 g8 f4
g8 f+4 eb+8 d+8 b8 ab8 f8
eb8 d8 a4 g8 d8 c4
g-4 c2 r4
