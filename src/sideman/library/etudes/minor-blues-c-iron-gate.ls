(title Iron Gate)
(composer sideman)
(comments Minor blues in C. Notes that insist before they move, fourths and sixths answered by steps, whole tones over the augmented chord in bar 4.)
(meter 4 4)
(key -3)
(mode minor)
(tempo 144.0)
(style swing)

(part
    (type chords)
    (key -3)
)

Cm7 | Cm7 | Cm7 | C7#5 |
Fm7 | Fm7 | Cm7 | Cm7 |
Ab7 | G7#9 | Cm7 | Dm7b5 G7b9 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -3)
    (stave treble)
)
g4 c+8 bb8 g4 f8 g8
eb4 r4 r8 b-8 c8 eb8
g8 g8 r8 c+8 bb8 g8 gb8 f8
e8 g#8 bb4 c+8 e+8 r4
f+4 c+8 bb8 ab8 g8 f4
r8 g8 ab8 a8 bb8 c+8 f4
gb8 f8 g4 c+8 bb4 g8
r2 g-8 c8 d8 f8
eb8 gb8 c+8 d+8 bb8 ab8 gb4
f8 b8 d+8 bb8 ab4 g4
f#8 g8 c+4 bb8 g8 r4
ab8 c+4 f8 g8 d8 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -3)
    (stave treble)
)
c8 c4 d8 eb8 g4 f8
g8 bb8 bb4 g4 r4
r8 b8 c+8 eb+8 d+8 db+8 c+8 bb8
g#8 bb8 e+4 d+8 c+8 r4
ab8 g8 ab8 c+8 f+4 eb+8 d+8
db+8 c+8 ab4 f4 r4
r8 f8 f#8 g8 c+4 bb4
g8 gb8 f8 eb8 c8 g-4 r8
r8 eb8 f8 gb8 c+8 d+8 eb+8 f+8
f+4 d+8 bb8 b8 ab8 g4
eb8 g8 eb+4 d+8 c+4 r8
r1
