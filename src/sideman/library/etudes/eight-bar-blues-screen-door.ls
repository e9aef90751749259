(title Screen Door)
(composer sideman)
(comments An eight-bar blues in B flat, three times round. Triplets and blue thirds; each chorus begins with less and ends lower.)
(meter 4 4)
(key -2)
(mode major)
(tempo 92.0)
(style swing)

(part
    (type chords)
    (key -2)
)

Bb7 | F7 | Eb7 | Eo7 |
Bb7/F G7 | C7 F7 | Bb7 Eb7 | Bb7 F7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -2)
    (stave treble)
)
r4 f8/3 g8/3 bb8/3 db+8 d+8 bb4
c+8 bb8 g4 r8 eb8 e8 f8
g8 bb8 db+4 c+8 a8 bb4
bb8/3 a8/3 g8/3 e4 r4 e8 f#8
f8 f4 d+8 c+8 b8 ab4
g8 a8 e4 g8 a8 gb4
f8 eb8 d4 f8 g8 bb8 f8+4
r4 c8/3 d8/3 eb8/3 a4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
bb4. db+8 d+8/3 db+8/3 bb8/3 f8 eb8+4
f8 g8 c+16 d+16 eb+16 d+16 c+4
bb4 a8 bb8 c+8 f+4 r8
r8 c+8 db+8 e+8 d+8/3 db+8/3 bb8/3 g4
f8 g8 d+4 f+4 eb+8 c+8
e+8 d+8 bb8 a8 g4 eb4
d8/3 e8/3 f8/3 bb4 g8 ab8 db+4
c+8 bb8 g8 f8 r4 f8 gb8

(part
    (type melody)
    (title Chorus 3)
    (instrument 66)
    (key -2)
    (stave treble)
)
f4 r4 bb8 c+4 d+8
c+4 r4 a8 eb+4 d+8
bb4 ab8/3 a8/3 bb8/3 db+4 c+4
bb8 g16 bb16 c+16 db+16 e+8 db+4 r4
c+8 f8 bb4 b8 c+8 d+8 bb8+4
a8 e8 eb4 d8 a-8
bb-8 d8 f4 g8 db4 eb8
d8 f8 bb-4 r2
