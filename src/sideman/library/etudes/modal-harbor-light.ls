(title Harbor Light)
(composer sideman)
(comments D dorian, and E flat dorian on the bridge. One short call, d e g a, keeps returning, up a half step on the bridge; fourths, the natural sixth, room between phrases.)
(meter 4 4)
(key 0)
(mode major)
(tempo 138.0)
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
r4 d8 e8 g4 a4
r4 g8 e8 d4 r4
r4 d8 e8 g4 b4
a4. g8 e4 r4
r8 d8 f8 a8 c+8 b8 a8 g8
a4 e8 g8 f4 d4
c8 d8 e8 g8 a4 c+8 b8+4.
a8 g4 r4
r4 d8 e8 g4 a4
c+4. b8 a8 g8 e8 d8+4
g4 c+4 b4
a8 g8 f8 e8 d4 r4
r8 e8 g8 b8 d+4 c+4
b8 bb8 a8 g8 ab8 a8 f4
g8 f#8 f8 g8 f8 e8 eb8 c8
d4. a-8 c4 d4
r4 eb8 f8 ab4 bb4
r4 ab8 f8 eb4 r4
r4 eb8 f8 ab4 c+4
bb4 ab8 f8 eb4 r4
db8 eb8 gb8 ab8 bb4 db+8 eb+8+4.
db+8 c+8 bb8 ab4
r8 g8 ab8 a8 bb8 db+8 eb+8 f+8
gb+4 f+8 eb+8 db+8 bb8 r4
a4 e+8 d+8 c+4 a4
r4 g8 a8 c+4 d+8 e+8+4.
d+8 c+8 b8 a4
g8/3 ab8/3 a8/3 c+8 a8 g8 eb8 d4
r8 d8 f8 e8 a4 g4
c+8 b8 bb8 a8 g8 f8 e8 c8
r4 d8 e8 g4 a4
e4 d2 r4
