(title Ash Street)
(composer sideman)
(comments Minor blues in C. A sighing figure, g c eb d, frames each chorus; the natural sixth gives the minor tonic its colour, G7 flat nine the tension.)
(meter 4 4)
(key -3)
(mode minor)
(tempo 126.0)
(style swing)

(part
    (type chords)
    (key -3)
)

Cm6 | Dm7b5 G7b9 | Cm6 | C7b9 |
Fm7 | Fm7 | Cm6 | Cm6 |
Ab7 | G7b9 | Cm6 Ab7 | Dm7b5 G7b9 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -3)
    (stave treble)
)
r8 g8 c+8 eb+8 d+4. c+8
ab8 g8 f4 r8 d8 eb8 f8
g4 f8 eb8 d8 c4 r8
r8 e8 f8 g8 ab8 bb8 db+8 c+8
ab4. bb8 c+4 f+4
eb+8 d+8 db+8 c+8 bb8 ab4 r8
r8 g8 c+8 eb+8 d+4. c+8
b8 c+8 d+8 a8 g4 r4
r8 gb8 ab8 bb8 c+8 d+8 eb+8 c+8
d+8 eb+8 f+8 ab+4 g+8 f+8 d+8
eb+8 d+8 c+8 g8 gb4 r4
r8 f8 g8 ab8 b8 ab8 g8 f8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -3)
    (stave treble)
)
eb4 r4 r8 g8 c+8 eb+8
f+4 eb+8 d+8 db+8 b8 ab8 f8
eb8 f8 g8 a8 b8 c+4 r8
db+8 c+8 bb8 ab8 g8 e8 r4
ab4 c+8 bb8 ab8 g8 f4
r4 e8/3 f8/3 g8/3 ab8 bb8 c+8 d+8
eb+4 r8 c+8 d+8/3 eb+8/3 d+8/3 c+8 a8
g8 f#8 f8 eb8 c4 r4
r8 eb8 f8 gb8 bb8 ab8 gb8 eb8
f8 eb8 d8 b-8 d8 eb8 f8 ab8
g8 c+8 eb+8 d+8 c+2
r1
