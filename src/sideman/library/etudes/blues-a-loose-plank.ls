(title Loose Plank)
(composer sideman)
(comments Blues in A, a shuffle with sharps. The flat third slides into the third in triplets; a repeated a argues with its answer in the second chorus.)
(meter 4 4)
(key 3)
(mode major)
(tempo 100.0)
(style swing)

(part
    (type chords)
    (key 3)
)

A7 | D7 | A7 | A7 |
D7 | D#o7 | A7 | F#7#9 |
Bm7 | E7 | A7 F#7 | Bm7 E7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 3)
    (stave treble)
)
r4 c8/3 c#8/3 e8/3 a4 a8 e8
f#4 a8 c+4. r4
r4 c8/3 c#8/3 e8/3 a4 c+8 a8
g4. e8 g8 a8 r4
c+8/3 b8/3 a8/3 f#4 r4 d8 e8
f8 f#8 c+8 b8 a8 d#8 r4
d#8 e8 a8/3 g8/3 e8/3 c8 c#8 a-4
r8 a8 a#8 e+8 d+8 d#+8 c#+4
b4. d+8 c#+8 a8 f#4
r8 g8 g#8 d+8 f+8 e+8 d+4
c#+4 a4 e8 g8 f#4
e8 f#8 d8 b8 g#4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 3)
    (stave treble)
)
a8 a8 r8 a8 b8 c+8 c#+8 a8
d+4 c+8 a8 f#4 r4
r8 g#8 a8 e+8 g+8/3 f#+8/3 e+8/3 c+8 a8
g4 r4 e8/3 g8/3 a8/3 c+8 c#+8
d+4. c+8 a8 g#8 f#4
r4 b8 c+8 d#+4 d+8 c+8
c#+4 b8 a8 f#8 e8 r4
r4 c#8 e8 g8 f#8 a#4
b8/3 c#+8/3 d+8/3 f#+4 e+8 d+8 b4
a#8 b8 g#8 e8 f8 e8 d8 b-8
c8 c#8 a4 r2
r1
