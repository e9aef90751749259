(title Late Bus)
(composer sideman)
(comments Blues in B flat at walking pace. One riff, f g bb db bb, is moved about in the bar and answered; the flat third turns into the major third at bar 7.)
(meter 4 4)
(key -2)
(mode major)
(tempo 120.0)
(style swing)

(part
    (type chords)
    (key -2)
)

Bb7 | Eb7 | Bb7 | Fm7 Bb7 |
Eb7 | Eo7 | Bb7 | Dm7b5 G7b9 |
Cm7 | F7 | Bb7 G7b9 | Cm7 F7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -2)
    (stave treble)
)
r8 f8 g8 bb4 db+8 bb4
r4 r8 f8 g8 bb4 g8
r8 f8 g8 bb4 db+8 d+8/3 bb8/3 g8/3
ab4 r8 g8 ab8 c+8 b8 bb8
g4 f8 g8 bb4 c+4
r8 db+8 c+8 bb8 a8 bb8 g8 e8
db8 d8 f8 g8 bb4 r4
r8 c+8 bb8 g8 ab4 g8 r8
eb4 d8 eb8 f4 g4
r8 a8 bb8 b8 c+8 db+8 a8 gb8
f4 g8 bb8 ab4 g4
r8 f8 g8 bb4 g4 r8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
f+4 eb+8 d+8 c+8 db+8 bb8 r8
r8 g8 ab8 a8 bb8 c+8 db+8 bb8
d4 r8 f8 g8 bb8 c+8 db+8
c+8 eb+8 d+8 c+8 b8 c+8 ab8 f8
g4 r8 f8 g8 bb8 db+8 c+8
bb8 g8 db+4 c+4 r4
r2 f8 g8 bb4
c+8 bb8 ab8 g8 f4 d8 r8
r8 c8 eb8 g8 d+4 c+4
r8 eb+8 d+8 c+8 bb8/3 c+8/3 bb8/3 a8 g8
f8 g8 bb4 r2
r1
