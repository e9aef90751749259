(title Kitchen Door)
(composer sideman)
(comments Blues in C, three chords. Question, silence, question, answer; flat third against major third, and the last four bars in sequence.)
(meter 4 4)
(key 0)
(mode major)
(tempo 120.0)
(style swing)

(part
    (type chords)
    (key 0)
)

C7 | C7 | C7 | C7 |
F7 | F7 | C7 | C7 |
G7 | F7 | C7 | G7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 0)
    (stave treble)
)
r4 eb8/3 e8/3 g8/3 a8 g4 e8
c4 r4 r2
r4 eb8/3 e8/3 g8/3 a8 c+4 a8
g4 r4 bb4 a8 g8
r4 ab8/3 a8/3 c+8/3 d+8 c+4 a8
f4 eb8 d8 c4 r4
g8 g8 bb4 g8 f8 eb4
e8 c4 r2 r8
r8 g8 ab8 a8 bb8 b8 d+4
eb+4 c+8 a8 ab8 g8 f4
eb8 e8 g8 bb8 a8 g4 e8
d4 f4 r2

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 0)
    (stave treble)
)
c+4 c+8 a8 c+8 d+8 eb+8 c+8
a8 g4 e8 c4 r4
r8 e+8 eb+8 c+8 a8 c+8 a8 g8
bb4. g8 bb8 c+8 r4
f+4 eb+8 c+8 a8 g8 f4
r8 c8 f8 g8 ab8 a8 c+4
g4 bb8/3 a8/3 g8/3 e8 c4 r8
r2 g8/3 a8/3 bb8/3 b8 c+8
d+4. b8 c+8 a8 f8 c+8+4.
a8 bb8 g8 eb4
e8 g4 eb8 e8 c4 r8
r1
