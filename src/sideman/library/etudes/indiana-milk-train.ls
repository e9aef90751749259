(title Milk Train)
(composer sideman)
(comments The changes of Indiana in F. Long lines with sixths in them, B flat major turned to minor in bars 9 and 10, the opening again at half-way.)
(meter 4 4)
(key -1)
(mode major)
(tempo 200.0)
(style swing)

(part
    (type chords)
    (key -1)
)

F6 | D7 | G7 | G7 |
Gm7 | C7 | F6 | Cm7 F7 |
Bb6 | Bbm6 | F6 | D7 |
G7 | G7 | Gm7 | C7 |
F6 | D7 | G7 | G7 |
A7 | A7 | Dm7 | A7 |
Dm7 | A7 | Dm7 | Abo7 |
Am7 D7 | Gm7 C7 | F6 | Gm7 C7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -1)
    (stave treble)
)
r4 c8 d8 f8 a8 c+8 a8
bb8 c+8 a8 f#8 e8 d8 r4
r8 f8 a8 b8 d+4 c+8 b8
a8 b8 g8 f8 e4 r4
r2 d8 f8 a8 g8
bb4 g8 f#8 g8 db+8 c+8 bb8
a8 g8 e8 f4 r4 r8
r8 eb8 f8 g8 a8 c+8 eb+4
d+4. c+8 bb8 g8 d+4
db+4. c+8 bb8 g8 f4
r8 c8 b-8 c8 a8 g#8 a8 c+8
d+8 eb+8 c+8 bb8 a8 f#8 eb4
d4 r4 r8 d8 e8 f8
g8 a8 bb8 b8 f+4 d+8 b8
bb8 d+8 g+4 f+8 d+8 r4
ab8 g8 e8 db+8 c+8 bb8 g4
r4 c8 d8 f8 a8 c+8 a8
bb8 a8 f#8 eb+8 d+8 c+8 bb8 a8
g4 b8 c+8 d+8 e+4 f+8
d+8 db+8 b8 ab8 g4 r4
r8 e8 g8 bb8 a8 c#+8 e+8 d+8
c#+8 bb8 a8 g8 f8 e8 c#4
d8 e8 f8 a8 e+4 d+4
c#+8 c+8 bb8 a8 g4 r4
r8 a8 g8 a8 f4 d4
r8 bb8 a8 g#8 a8 g8 e4
f8 e8 f8 g#8 a8 c#+8 e+8 d+8
b8 ab8 f8 d8 b-4 r4
c8 e8 g8 b8 bb8 a8 f#8 eb8
d8 f8 bb8 a8 g8 db+8 c+8 bb8
a8 b8 c+8 g#8 a4 f4
r1
