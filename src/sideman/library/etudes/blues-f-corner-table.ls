(title Corner Table)
(composer sideman)
(comments Blues in F. A five-note figure asks, silence answers; it comes home at the end of each chorus. Blue third to major third, guide tones into bar 5.)
(meter 4 4)
(key -1)
(mode major)
(tempo 132.0)
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
r4 g8/3 ab8/3 a8/3 d+8 c+8 r4
r4 g8/3 ab8/3 a8/3 d+8 c+8 ab8 f8
r8 c8 d8 e8 f8 g8 ab8 a8
c+8 d+8 eb+4 c+8 a8 r4
ab4 f8 g8 ab8 bb4 r8
r8 b8 c+8 d+8 eb+8 d+8 b8 ab8
a4. g8 f8 d8 c4
r4 g8 eb8 d8 f#8 a8 c+8
bb4 a8 g8 f#8 g8 a8 bb8
r8 db+8 c+8 bb8 ab8 e8 f8 g8
a4 g8/3 ab8/3 a8/3 d+8 c+8 r4
r8 g8 f8 d8 db8 e8 g8 bb8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
a4 r4 g8/3 ab8/3 a8/3 f+8 d+8
f+8 d+8 c+8 bb8 ab8 g8 f8 r8
r8 c8 d8/3 eb8/3 e8/3 f8 g8 a8 c+8
bb8 c+8 d+8 eb+8 f+8 eb+8 r4
d+4. c+8 bb8 ab8 f8 g8
ab4 f8 g8 ab8 b4 d+8
c+8 eb+8 d+4 r4 f8/3 g8/3 ab8/3
a8 c+8 eb+8 c+8 bb8 f#8 r4
bb4 c+8 d+8 e+8 f+8 e+8 d+8
db+4 c+8 bb8 ab8 g8 e8 r8
g8/3 ab8/3 a8/3 f4 r2
r1
