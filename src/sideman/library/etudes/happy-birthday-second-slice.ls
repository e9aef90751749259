(title Second Slice)
(composer sideman)
(comments Three choruses on Happy Birthday in four. The first paraphrases the tune, the second runs its changes, the third climbs in triplets and comes back down.)
(meter 4 4)
(key -1)
(mode major)
(tempo 132.0)
(style swing)

(part
    (type chords)
    (key -1)
)

F6 D7#9 | Gm6 C7 | Gm7 C7b9 | F6 F7 |
Cm7 F7 | BbM7 G7#9 | F/C C7sus4 | F6 C7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
c8 c8 d4 c4 f8 e8+4.
d8 bb4 a4
r8 c8 d8 c8 g4 e4
f8 g8 c+4 r8 eb+8 d+8 c+8
bb8 a8 g4 r8 a8 b8 c+8
d+4. c+8 bb4 b4
c+8 bb8 a8 e8 d4 bb-4
a-8 c8 f4 r2

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 f8 g8 a8 c+8 bb8 a8 f#8
g8 bb8 d+8 e+8 d+8 c+8 bb8 a8
g8 f#8 g8 db+8 c+4 r4
r8 a8 c+8 d+8 eb+4 r4
r8 eb+8 d+8 c+8 b8 c+8 a8 gb8
f8 d8 f8 a8 bb4 ab4
g8 a8 c+4 r8 bb8 g8 f8
f8 a8 f4 r2

(part
    (type melody)
    (title Chorus 3)
    (instrument 66)
    (key -1)
    (stave treble)
)
c8/3 f8/3 g8/3 a4 a8/3 c+8/3 eb+8/3 d+4
bb4 a8 g8 r4 e8 f8
bb8/3 d+8/3 f+8/3 e+8 d+8 db+8 bb8 g8 e8
f8 a4 c+8 eb+4 r8 g+8+4
f+8 eb+8 a4 gb8 f8
d4 f8 a8 bb8 a8 ab8 f8
e8 f8 g8 c+8 d+4 bb4
a8 g8 f4 r2
