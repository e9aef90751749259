(title Low Lamp)
(composer sideman)
(comments A slow blues in G. Triplets talk, sixteenths hurry between two long notes; the flat third bends up into the third.)
(meter 4 4)
(key 1)
(mode major)
(tempo 66.0)
(style swing)

(part
    (type chords)
    (key 1)
)

G7 | C7 | G7 | Dm7 G7 |
C7 | C#o7 | G7 | Bm7b5 E7b9 |
Am7 | D7 | G7 E7b9 | Am7 D7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 1)
    (stave treble)
)
r8/3 d8/3 f8/3 g4 r4 bb8/3 b8/3 g8/3
a4 bb8/3 a8/3 g8/3 e4 r4
r4 d16 e16 f16 g16 a4 bb8/3 b8/3 g8/3
f4 a16 b16 c+16 a16 b4 ab8/3 g8/3 f8/3
e4 r4 g8/3 a8/3 bb8/3 d+8 c+8
e+16 d+16 c#+16 bb16 a4 r4 a16 g16 f16 e16
d4. g8 a8/3 bb8/3 b8/3 d+4
r8 d+8 c+8 a8 g#16 a16 b16 d+16 f+8 e+8+4
d+8 c+8 b16 c+16 a16 b16 g4
eb8/3 f#8/3 a8/3 c+4 bb8 a8 f#4
g4 a4 r4 f16 g#16 b16 d+16
c+8 b4 a8 f#4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 1)
    (stave treble)
)
g+4. f+8 f+8/3 e+8/3 d+8/3 bb4
g4 bb8 a8 g16 bb16 c+16 d+16 e+8 d+8+4
r4 g16 a16 bb16 b16 d+4
e+8/3 d+8/3 c+8/3 a4 b8 ab16 g16 f8 r8
e8 g4 a8 bb4 d+4
r4 bb16 a16 g16 f16 e4 c#+4
d+8/3 c+8/3 b8/3 a4 f4 r4
r8 a8 b8 d+8 e+16 f+16 e+16 d+16 g#4
a-4 c8 e8 g4 b4
c+16 b16 c+16 eb+16 d+4 c+8/3 bb8/3 a8/3 f#4
bb8/3 b8/3 d+8/3 g4 r2
r1
