(title Back Stairs)
(composer sideman)
(comments Blues in F with much air. Repeated notes and their answers, octaves and sixths, whole half bars of silence; play less than you know.)
(meter 4 4)
(key -1)
(mode major)
(tempo 112.0)
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
r4 c+8 c+8 r8 d+8 c+4
r4 c+8 c+8 r8 d+8 ab4
r2 g8 c+4 bb8
g4 r4 r2
r4 c+8 d+8 r8 d+8 bb4
r4 d+8 c+8 b4 ab4
g8 c4 r8 a8 b8 c+4
r4 eb+8 d+8 c+8 bb8 f#4
a8 bb8 d8 a4 g8 f4
r8 e8 bb8 ab8 db+4 c+4
bb8 a8 c+4 c+4 bb8 a8
g4 f4 r2

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 f8 c+8 c+8 d+8 c+8 a8 g8
f8 g8 ab4 r4 bb4
a8 c8 g8 g8 a8 g8 f8 eb8
d4 bb8 r8 a8 b8 c+8 eb+8
d+4. c+8 bb8 ab8 f4
r8 e8 f8 d+8 c+8 b8 ab8 g8
f8 g8 c+4 a4 r4
r4 g8 c+8 bb8 a8 g8 f#8
g8 bb-8 c8 d8 f8 g4.
a8 ab8 db+8 c+8 bb8 g8 e8 f8+4
c+8 c+4 bb8 a8 f#8
g8 d4 f8 e4 r4

(part
    (type melody)
    (title Chorus 3)
    (instrument 66)
    (key -1)
    (stave treble)
)
f4 f8 g8 r8 c+8 c+8 d+8
c+8 ab8 ab8 g8 f4 r4
r8 c+8 f+4 eb+8 d+8 c+8 a8
r2 r8 c8 bb8 a8
ab8 f8 bb8 c+8 d+8 c+8 bb4
r8 b-8 d8 ab8 g8 f+8 d+8 c+8
bb8 a8 c4 g4 f4
r8 c+8 eb+8 d+8 eb+8 c+8 bb8 a8
g4. a8 bb8 c+8 d+4
r8 bb8 e+8 d+8 db+8 c+8 ab8 e8
c+8 c+8 f4 r2
r1
