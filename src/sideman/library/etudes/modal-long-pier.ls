(title Long Pier)
(composer sideman)
(comments D dorian in fourths. The opening figure climbs d g c and falls back; the second A slips a half step out of the mode and back, and the last A has the highest note.)
(meter 4 4)
(key 0)
(mode major)
(tempo 152.0)
(style swing)

(part
    (type chords)
    (key 0)
)

(section (style swing) (label A))
Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 |
(section (style swing) (label A))
Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 |
(section (style swing) (label B))
Ebm7 | Ebm7 | Ebm7 | Ebm7 | Ebm7 | Ebm7 | Ebm7 | Ebm7 |
(section (style swing) (label A))
Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 | Dm7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
d8 g8 c+8 b8 a4 g4
r4 g8 f8 d4 r4
d8 g8 c+8 b8 a4 b4
r2 d+8 c+8 a8 g8
a4 e4 f4. e8
d8 e8 g8 b8 a4 r4
r8 c+8 c+8 a8 c+8 d+8 a8 g8
a4 d4 r2
f+4. e+8 eb+8 d+8 b4
b8 a8 g4 r4 e8 f8
g8/3 a8/3 b8/3 c+4 b4 g4
r8 eb8 ab8 db+8 c+8 g8 d8 f8
e8 a4 b8 c+4 d+4
e+8 c+8 g4 r2
r8 c#8 d8 g#8 a8 d#+8 e+8 b8
d+4 a4 r2
eb8 ab8 db+8 c+8 bb4 ab4
r4 ab8 gb8 eb4 r4
eb8 ab8 db+8 c+8 bb4 c+4
r8 bb8 bb8 a8 bb8 db+8 f8 gb8+4.
ab8 bb8 c+8 eb+4
r8 db+8 c+8 bb8 ab8 bb8 f8 gb8
ab4 eb4 gb4 f4
eb8 f8 ab8 c+8 bb4 r4
d8 g8 c+8 b8 a4 e+4
r4 d+8 c+8 b4 r8 g+8+4
f+8 e+8 d+8 b8 c+8 a8
g8 a8 e4 r8 c8 d8 f8
a8 a8 g#8 a8 c+4 b4
a8 g8 e4 f8 g8 d4
e8 c8 d4 a-8 c8 d4
a2 d4 r4
