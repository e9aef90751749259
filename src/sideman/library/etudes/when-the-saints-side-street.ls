(title Side Street)
(composer sideman)
(comments When the Saints in F. The tune's first notes three times, then away from it; B flat minor before the last line is the corner to lean on.)
(meter 4 4)
(key -1)
(mode major)
(tempo 176.0)
(style swing)

(part
    (type chords)
    (key -1)
)

F6 | F6 | F6 | F6 |
F6 | Dm7 | Gm7 | C7 |
F6 | F7 | Bb6 | Bbm6 |
F6/C | Gm7 C7 | F6 | F6 C7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 f8 a8 bb8 c+4 c+4
r8 f8 a8 bb8 c+4 d+4
r8 f8 a8 bb8 c+8 a8 f4
a4 g4 r2
r8 a8 g8 e8 d4 f8 a8+4.
g8 f8 e8 d4
r8 d8 e8 f8 g8 bb8 a4
ab8 g8 d+8 c+8 bb4 r4
a8 b8 c+8 g#8 a8 f8 d4
eb4 c8 eb8 g8 a8 c+8 d+8+4.
c+8 bb8 a8 g4
db+4. c+8 bb8 g8 f4
r8 c8 d8 e8 f8 g8 c+8 b8
bb8 a8 g8 bb8 ab8 g8 e4
f8 c4 d8 f4 r4
r4 c+8 bb8 a8 g8 e4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
f4 g8 a8 c+8 d+8 f+4
e+8 d+8 c+8 bb8 g4 r4
r8 c8 c8 d8 f8 g8 a8 c+8
b8 c+8 a4 g8 f4 r8
r4 d+8 d+8 c+8 d+8 a8 g8
g8 a8 e4 d8 c8 a-4
bb-8 c8 d8 e8 a4 f4
d+8 c+8 b8 bb8 g4 e4
r4 a8 c+8 d+8 c+8 a8 g8
eb+4 c+8 b8 c+8 a8 g4
f8 g8 a8 bb8 f+4 d+4
db+8 c+8 bb8 ab8 g4 r4
d8 e8 a4 b8 c+8 d+8 a8
bb8 c+8 a8 g8 db+8 bb8 ab8 e8
g8 f4 d8 f4 a8 c+8
a8 g8 f4 r2
