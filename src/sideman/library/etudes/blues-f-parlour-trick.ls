(title Parlour Trick)
(composer sideman)
(comments Blues in F at a bebop tempo. Running eighths: enclosures, diminished arpeggios over the dominants, and every phrase ends on a chord tone of the next bar.)
(meter 4 4)
(key -1)
(mode major)
(tempo 184.0)
(style swing)

(part
    (type chords)
    (key -1)
)

F7 | Bb7 | F7 | Cm7 F7 |
Bb7 | Bo7 | F7 | Am7b5 D7b9 |
Gm7 | C7 | F7 D7b9 | Gm7 C7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 c8 d8 f8 g8 ab8 a8 c+8
bb8 ab8 f8 g8 e8 f8 d8 e8
f8 g8 a8 bb8 b8 c+8 eb+8 d+8
c+8 b8 bb8 g8 a4 r4
f8 ab8 c+8 bb8 d+4 r4
r8 c+8 b8 ab8 g8 f8 d8 e8
f4 r8 g8 ab8 a8 c+8 d+8
eb+8 d+8 c+8 b8 bb8 f#8 r4
g8 a8 bb8 b8 c+8 d+8 f+8 e+8
eb+8 db+8 bb8 c+8 ab8 g8 e8 g8
f8 g8 a8 c+8 bb4 a4
r8 g8 f#8 g8 a8 bb8 db+8 b8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
c+4 a8 g8 f8 d8 eb8 c8
d8 f8 e8 f8 ab4 r4
r8 g8 ab8 a8 b8 c+8 eb+8 d+8
c+8 d+8 eb+8 d+8 c+8 a8 gb8 e8
f4 r2 f8 g8
ab8 b8 d+8 c+8 b8 ab8 g4
f4 r8 c+8 d+8 c+8 b8 c+8
a8 g8 eb8 c8 d8 f#8 r4
r8 bb-8 c8 d8 f4 d4
e8 f8 f#8 g8 ab8 bb8 db+8 c+8
a8 g8 f4 r2
r1
