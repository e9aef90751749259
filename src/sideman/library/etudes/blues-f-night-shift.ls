(title Night Shift)
(composer sideman)
(comments Blues in F in double time. Sixteenths in groups that lead to the next beat, a long note after each run; the first figure comes back over D7 and again near the end.)
(meter 4 4)
(key -1)
(mode major)
(tempo 84.0)
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
r8 c+16 d+16 c+16 a16 g8 f16 g16 ab16 a16 c+4
bb4/3 ab8/3 f4 r8 f16 ab16 bb16 c+16 d+8
c+8 eb+8 d+16 c+16 a16 g16 f16 eb16 c16 d16 a4
r8 g16 bb16 c+16 d+16 eb+8 d+16 c+16 a16 gb16 f8. c16
d4. f8 ab16 bb16 c+16 d+16 db+16 bb16 ab16 f16
f8. ab16 b4 d+16 c+16 b16 ab16 g8 e8
f4 a8/3 c+8/3 d+8/3 c+8 a16 g16 a4
g16 a16 c+16 eb+16 d+4 bb16 a16 f#16 a16 c+4/3 g8/3
f#8/3 g8/3 bb8/3 d+4 a8 c+16 bb16 a16 g16 d8
e16 g16 bb16 db+16 e+8 c+8 bb16 ab16 g16 e16 f16 g16 ab16 bb16
r8 c+16 d+16 c+16 a16 g8 f#16 a16 c+16 eb+16 d+4
c+16 d+16 c+16 bb16 a16 bb16 a16 g16 e4/3 bb8/3 c+4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
a8/3 c+8/3 f+8/3 d+4. c8 f16 g16 a16 c+16
d4. ab8 f+16 eb+16 d+16 c+16 bb16 ab16 g16 bb16
r16 c16 d16 e16 f16 g16 a16 c+16 a4/3 d+8/3 c+16 a16 g16 f16
eb4 bb16 d+16 c+16 bb16 a8. gb16 eb8 a8
d8/3 f8/3 ab8/3 bb4 ab16 bb16 c+16 db+16 d+8 bb8
b16 ab16 f16 ab16 b8 d+8 f+16 d+16 b16 ab16 f4
c+4 a16 c+16 d+16 eb+16 d+16 c+16 a16 g16 f4
r8 c16 eb16 g16 a16 c+8 eb+16 d+16 c+16 bb16 f#8 r8
g16 a16 bb16 c+16 d+16 f+16 e+16 d+16 bb4 r4
db+16 c+16 bb16 ab16 g4 e16 f16 g16 bb16 db+16 c+16 bb16 g16
c+16 d+16 c+16 a16 f4 r2
r1
