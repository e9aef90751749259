(title Wren House)
(composer sideman)
(comments The changes of Bye Bye Blackbird in G, easy. Three insistent notes, as the tune has them, and always another answer; the dominants fall by half steps in the bridge.)
(meter 4 4)
(key 1)
(mode major)
(tempo 116.0)
(style swing)

(part
    (type chords)
    (key 1)
)

(section (style swing) (label A))
G6 | Am7 D7 | G6 | G6 |
G6/B | Bbo7 | Am7 | D7 |
(section (style swing) (label B))
Am7 | AmM7 | Am7 | D7 |
Am7 | D7 | G6 | G6 |
(section (style swing) (label C))
G7 | F#7 | F7 | E7 |
Am7 | Am7 | Am7b5 | D7 |
(section (style swing) (label A))
G6 | Am7 D7 | G6 | Bm7b5 E7b9 |
Am7 | D7 | G6 | Am7 D7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 1)
    (stave treble)
)
r4 b4 b8 a#8 b4
c+8 b8 a4 f#4 r4
r4 b4 b8 a8 g8 e8
d4 r4 r2
r8 a#8 b8 d+8 e+8 f#+8 e+8 d+8
db+8 c+8 bb8 a8 g4 r4
c4 e8 g8 b4 a8 e8
f#4 eb8 c8 d4 r4
r4 c+4 c+8 b8 c+4
d+8 c+8 g#4 a8 b8 r4
r8 g#8 a8 b8 d+8 e+4 c+8
b8 bb8 a8 f#8 eb4 d4
r4 e8/3 g8/3 a8/3 c+8 b8 a8 g8
f8 f#8 c+8 eb+8 d+8 bb8 r4
b4. a8 e4 d4
b-2 r2
r8 d8 f8 a8 bb8 b8 e+8 d+8
d#+8 d+8 c#+8 a#8 r4 g8 f#8
r8 g8 g#8 a8 eb+8 d+8 c+8 b8
bb8 b8 c+8 d+8 f+4 e+4
c+8 b8 c+8 e+8 g+4. e+8
r2 c+8 b8 a8 g8
eb8 f8 g8 a8 bb8 eb+8 d+8 c+8
f#4 bb4 a4 r4
r4 b4 b8 a#8 b4
c+8 b8 a8 f#8 eb8 c8 r4
b-8 d8 e8 f#8 g8 a8 d+4
a8 f8 d8 b-8 r8 g#8 b8 f+8
e+4 d+8 b8 g#8 a8 e4
r8 f#8 g8 a8 c+8 bb8 a8 f#8
g4 d8 e8 g2
r1
