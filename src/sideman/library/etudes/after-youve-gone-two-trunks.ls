(title Two Trunks)
(composer sideman)
(comments The changes of After You've Gone in B flat. Major sixth chord to minor sixth chord: move one note, keep the phrase.)
(meter 4 4)
(key -2)
(mode major)
(tempo 208.0)
(style swing)

(part
    (type chords)
    (key -2)
)

Eb6 | Ebm6 | Bb6 | G7 |
C7 | F7 | Bb6 | Bb7 |
Eb6 | Ebm6 | Bb6 | G7 |
Cm7 G7 | Cm7 Ebm6 | Bb6 D7 | Gm7 C7 |
Bb6/F G7 | C7 F7 | Bb6 | Bb7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -2)
    (stave treble)
)
r8 f8 g8 bb8 d+4 c+4
r8 f8 gb8 bb8 db+4 c+4
d+8 c+8 a8 g8 f4 r4
r8 d8 e8 f8 ab8 g8 r4
r8 g8 g#8 a8 bb8 e+4 d+8
c+8 b8 c+8 a8 gb8 eb8 r4
d8 f8 c+4 bb4 r4
r2 r8 f8 ab8 bb8
d+8 c+8 bb4 g4 f4
db+8 c+8 bb4 gb4 f4
d4. f8 a8 c+8 d+4
f+4 eb+8 b8 ab4 g8 r8
r8 eb8 g8 c+8 b8 ab8 f8 d8
eb4 g8 f8 gb8 f4 r8
g8 bb8 d+4 eb+8 c+8 f#4
g8 a8 bb8 d8 e4 r4
bb4 a8 g8 ab8 g8 f8 d8
e8 a8 bb8 g8 gb8 eb8 c4
d8 f8 bb4 g8 f4 r8
r4 bb8 ab8 g8 f4 r8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
g4 a4 d+4 c+4
db+8 c+8 gb4 f4 r4
d8 c#8 d8 f8 a8 c+8 f+4
b8 c+8 ab8 g8 f4 d4
r8 e8 g8 a8 d+4 c+8 bb8
a8 bb8 eb+4 gb8 f4 r8
r8 bb8 bb8 g8 bb8 c+8 d+4
g+4 f+8 d+8 c+8 b8 bb4
g4 r4 r8 bb8 c+8 d+8
f+8 eb+8 db+4 c+8 gb4 f8
d4 f8 g8 a8 c+4 r8
eb+8 d+8 b8 ab8 g4 r4
r8 c8 eb8 g8 f8 d8 b-4
c4 g8 eb8 f8 gb8 c+4
d+4 c+8 g8 f#8 a8 c+4
bb4 a8 g8 e4 r4
r8 f8 d+4 b8 ab8 g8 f8
e8 g8 d+8 bb8 a8 gb8 eb8 c8
d4 f8 d8 bb-4 r4
r1
