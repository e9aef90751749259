(title North Window)
(composer sideman)
(comments Minor blues in C. Melodic minor going up, natural minor coming down; wide arpeggios answered by steps, and a bent fourth before the last four bars.)
(meter 4 4)
(key -3)
(mode minor)
(tempo 160.0)
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
c4 d8 eb8 b4 a4
ab8 g8 f8 d8 b-8 c8 d8 f8
eb4. f8 g4 r4
r8 bb8 db+8 bb8 g8 ab8 f8 e8
f8 g8 ab8 c+8 eb+4 r4
r8 d+8 eb+8 d+8 bb8/3 c+8/3 bb8/3 ab8 g8
f8 eb8 c4 r8 g-8 a-8 b-8
c8 d8 eb8 g8 a8 b8 r4
c+4 d+8 c+8 gb4 r4
r8 f8 g8 ab8 b8 c+8 d+8 f+8
eb+8 d+8 c+8 g8 gb4 f4
eb8 d8 c8 ab-8 g-4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -3)
    (stave treble)
)
r4 g8/3 c+8/3 eb+8/3 g+4 f+4
eb+8 d+8 c+8 ab8 g8 f8 eb8 d8
c4 r2 c8 d8
e8 f8 g8 bb8 ab4 g4
r8 c+8 bb8 ab8 bb8 c+4 ab8
g8 f8 e8 f8 ab8 g8 f4
r8 eb8 f8 g8 a8 c+8 b8 a8
f#8 g4. r2
ab8/3 c+8/3 eb+8/3 gb+4 f+8 eb+8 d+8 c+8
b4 c+8 ab8 g8 f8 d8 f8
eb8 d8 c8 g-8 c4 r4
r1
