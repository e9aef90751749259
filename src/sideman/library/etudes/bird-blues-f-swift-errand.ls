(title Swift Errand)
(composer sideman)
(comments Blues in F with the long road of changes. Short cells joined over the bar line by half steps; each pair of chords gets one figure and its answer.)
(meter 4 4)
(key -1)
(mode major)
(tempo 190.0)
(style swing)

(part
    (type chords)
    (key -1)
)

FM7 | Em7b5 A7b9 | Dm7 G7 | Cm7 F7 |
Bb7 | Bbm7 Eb7 | Am7 D7 | Abm7 Db7 |
Gm7 | C7 | F6 D7b9 | Gm7 C7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 g#8 a8 c+8 e+8 g+8 f+8 e+8
d+4 bb8 g8 c#+8 bb8 g8 e8
d8 e8 f8 a8 b4 ab4
g8 f#8 g8 c+8 bb8 a8 gb8 eb8
d4 r8 f8 g8 ab8 d+8 c+8
d+8 db+8 c+8 b8 bb8 g8 r4
r8 g8 a8 b8 c+8 bb8 a8 f#8
gb8 ab8 b8 eb+8 db+4 r4
r8 f#8 g8 a8 bb8 d+8 f+4
eb+8 db+8 c+8 bb8 ab8 g8 e8 g8
g#8 a8 g8 a8 c+8 bb8 f#4
g8 d+8 c+8 bb8 ab8 e8 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
f4 c8 g8 a8 c+4 r8
r8 d+8 bb8 g8 c#+4 bb8 g8
f8 e8 d8 a8 ab8 b8 d+8 f+8
eb+8 d+8 g4 r8 eb+8 c+8 a8
ab8 f8 g8 ab8 c+4 bb4
ab8 bb8 db+4 c+8 bb8 g4
e8 g8 c+8 b8 bb8 a8 f#8 eb8
eb+4 db+8 b8 f8 ab4 r8
r8 c#8 d8 f8 a8 bb8 c#+8 d+8
e+8 db+8 bb4 ab8 g8 e8 g8
a8 c8 f4 r2
r1
