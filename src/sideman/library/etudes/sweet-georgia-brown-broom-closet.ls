(title Broom Closet)
(composer sideman)
(comments The changes of Sweet Georgia Brown in A flat: a chain of dominants, four bars each. One riff goes with them from F to B flat to E flat.)
(meter 4 4)
(key -4)
(mode major)
(tempo 196.0)
(style swing)

(part
    (type chords)
    (key -4)
)

F7 | F7 | F7 | F7 |
Bb7 | Bb7 | Bb7 | Bb7 |
Eb7 | Eb7 | Eb7 | Eb7 |
Ab6 | Bbm7 Eb7 | Ab6 | Gm7b5 C7 |
F7 | F7 | F7 | F7 |
Bb7 | Bb7 | Bb7 | Bb7 |
Fm7 | C7 | Fm7 | C7 |
Ab6 F7 | Bb7 Eb7 | Ab6 | Gm7b5 C7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -4)
    (stave treble)
)
r4 a8 c+8 d+8 c+8 a4
r8 g#8 a8 c+8 ab4 f4
r4 a8 c+8 eb+8 e+8 f+4
eb+8 c+8 a8 ab8 g8 f8 r4
r4 d8 f8 g8 f8 d4
r8 c8 d8 f8 d+4 bb4
r4 d+8 db+8 c+8 b8 bb8 ab8
g8 ab8 f8 e8 f8 r8 r4
r4 g8 bb8 c+8 bb8 g4
r8 f8 g8 bb8 f+4 db+4
c+8 bb8 a8 bb8 db+8 c+8 bb8 g8
e8 eb8 db8 eb8 g4 bb4
bb4 r4 eb8 f8 ab8 c+8
bb4 f8 ab8 g8 bb8 db+4
b8 c+8 f8 eb8 c4 r4
r8 f8 g8 bb8 ab8 g8 e4
f8 a8 c+8 d+8 c+8 a4 f8
r8 g#8 a8 b8 c+8 d+8 eb+4
g+4 f+8 eb+8 c+8 a8 g8 gb8
f8 eb8 c4 r2
r8 d8 e8 f8 ab8 bb8 d+4
db+8 c+8 b8 bb8 ab8 f8 d4
r2 f8 ab8 bb8 c+8
d+4 bb8 ab8 gb8 d8 r4
c8 f4 g8 ab8 c+4 bb8
bb4 g8 e8 db+8 c+8 bb4
ab8 g8 f#8 f8 r8 c8 e8 f8
ab8 bb8 e+4 db+8 g8 r4
ab8 eb+4 c+8 a8 gb8 f4
f8 d+4 bb8 db+8 b8 bb4
b8 c+8 f8 eb8 ab4 r4
r1
