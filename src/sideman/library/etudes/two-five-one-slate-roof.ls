(title Slate Roof)
(composer sideman)
(comments Minor two-five-ones in A, D and G. Half-diminished arpeggios, harmonic minor over the dominants, the sixth on the tonics.)
(meter 4 4)
(key 0)
(mode minor)
(tempo 132.0)
(style swing)

(part
    (type chords)
    (key 0)
)

Bm7b5 | E7b9 | Am6 | Am6 |
Em7b5 | A7b9 | Dm6 | Dm6 |
Am7b5 | D7b9 | Gm6 | Gm6 |
Bm7b5 | E7b9 | Am6 | Am6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
r8 b-8 c8 d8 f4 e8 d8
f8 g#8 d+8 c+8 b4 r4
a4 g#8 a8 b8 c+8 e+8 d+8
c+8 b8 a8 f#8 e4 r4
g8 a8 bb8 d+8 c+8 bb8 a8 g8
c#+8 e+8 d+8 bb8 g8 a8 f8 e8
d4 e8 f8 b4 a4
r8 g8 a8 b8 d+8/3 e+8/3 f+8/3 e+8 d+8
c+8 bb8 a8 g8 eb4 r4
r8 eb8 f#8 g8 a8 bb8 c+8 a8
bb4. a8 e4 d4
r8 d8 e8 f#8 g8 bb8 a8 g8
f+4 e+8 d+8 c+8 b8 a8 f8
g#8 a8 b8 d+8 f+8 e+8 c+8 b8
a8 b8 c+4 r8 f#8 e8 c8
b-8 a-4. r2
