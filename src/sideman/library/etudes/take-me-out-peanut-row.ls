(title Peanut Row)
(composer sideman)
(comments Take Me Out to the Ball Game as a jazz waltz in C. The tune's leap opens both halves; secondary dominants one at a time.)
(meter 3 4)
(key 0)
(mode major)
(tempo 176.0)
(style waltz)

(part
    (type chords)
    (key 0)
)

C6 | C6 | G7 | G7 |
C6 | C6 | G7 | G7 |
A7 | A7 | Dm7 | Dm7 |
D7 | D7 | G7 | G7 |
C6 | C6 | G7 | G7 |
C6 | C7 | F6 | F6 |
F6 | F#o7 | C6/G | A7 |
D7 | G7 | C6 | Dm7 / G7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
c4 c+8 a8 g8 e8
g4. d4 r8
r8 f8 e8 f8 g8 b8
d+4 b8 g8 r4
e4 f8 g8 a8 b8
d+4. c+8 a4
b4 a8 ab8 g8 f8
d4 r4 e8 f#8
g4 a8 bb8 c#+8 e+8
d+8 c#+8 b4 g4
c#8 d8 e8 f8 g#8 a8
c+4 b8 a4 r8
r8 f#8 g8 a8 e+8 d+8
a4 e+4 d+4
b4. c+8 ab8 f8
g8 f8 d8 b-8 r4
c4 c+8 a8 g8 e8
g4. e8 d4
r8 d8 e8 f8 ab8 b8
eb+8 d+8 b8 g8 r4
e4 d8 f#8 g8 a8
bb4 a8 db+4 c+8
g#8 a8 c+8 d+8 f+4
a8 f8 g4 r4
r8 a8 g8 a8 c+8 d+8
eb+8 c+8 a8 f#8 eb4
e8 f8 c+4 d+8 b8
c#+8 bb8 a4 f4
f#8 a8 e+8 d+8 c+8 a8
ab8 b8 f4 eb8 d8
e8 g8 c2
r2.
