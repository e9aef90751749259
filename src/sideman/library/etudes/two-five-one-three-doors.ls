(title Three Doors)
(composer sideman)
(comments Two-five-ones in F, E flat and D flat. Each two opens with a leap, each five answers with its altered tones, each one rests on a colour.)
(meter 4 4)
(key -1)
(mode major)
(tempo 160.0)
(style swing)

(part
    (type chords)
    (key -1)
)

Gm7 | C7 | FM7 | FM7 |
Fm7 | Bb7 | EbM7 | EbM7 |
Ebm7 | Ab7 | DbM7 | DbM7 |
Gm7 | C7b9 | FM7 | FM7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -1)
    (stave treble)
)
d8 g8 a8 bb8 f+4 d+4
e+8 db+8 c+8 bb8 ab8 g8 e4
g#8 a8 e+4 d+8 c+8 a4
r8 a8 g8 e8 d4 r4
c8 f8 g8 ab8 eb+4 c+4
d+8 b8 bb8 ab8 gb8 f8 d4
f#8 g8 d+4 c+8 bb8 g4
r2 f8 g8 bb4
db8 gb8 ab8 bb8 f+4 eb+4
c+8 a8 ab8 gb8 e8 eb8 c4
e8 f8 c+4 bb8 ab8 f4
r8 f8 eb8 c8 bb-4 r4
d8 f#8 g8 bb8 a4 f4
e8 g8 db+8 c+8 bb8 ab8 e8 g8
a4 c+8 e4 f8 g4
d4 e8 c4 f4 r8
