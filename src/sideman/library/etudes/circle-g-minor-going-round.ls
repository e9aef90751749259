(title Going Round)
(composer sideman)
(comments Round the fifths in G minor. A figure climbs a chord in each bar and is answered; the second chorus repeats one note before each climb.)
(meter 4 4)
(key -2)
(mode minor)
(tempo 152.0)
(style swing)

(part
    (type chords)
    (key -2)
)

Cm7 | F7 | BbM7 | EbM7 |
Am7b5 | D7b9 | Gm6 | G7b9 |
Cm7 | F7 | BbM7 | Eb7 |
Am7b5 | D7b9 | Gm6 | Gm6 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -2)
    (stave treble)
)
r8 eb8 f8 g8 d+4 c+4
r8 c8 d8 eb8 c+4 a4
r8 d8 f8 g8 d+4 c+4
bb8 a8 g4 f4 r4
r8 g#8 a8 c+8 eb+8 d+8 c+8 b8
bb8 a8 c+8 f#8 g8 a8 eb8 d8+4
e8 g8 bb8 a8 g4
r8 f8 ab8 b8 d+8 f+8 eb+8 d+8
c+4 bb8 eb8 g4 r4
r4 a8 bb8 c+8 d+8 eb+4
d+8 c#+8 d+8 a8 g8 f8 c4
g8 bb8 db+4 bb8 g8 r4
a8 ab8 g8 eb8 c8 d8 eb8 f8
f#8 a8 bb4 c+8 eb+8 d+8 c+8
bb8 a8 d4 eb8 e8 g8 bb8+4
g2 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
g4 g8 a8 g8 c+4 bb8
a4 a8 bb8 a8 eb+4 d+8
c#+8 d+8 bb8 f8 g8 a4 r8
bb8 c+16 bb16 a16 g16 f8 d4 r4
c8 eb8 a4 g8 eb8 c4
d8 f#8 c+8 bb8 a8 f#8 g8 a8
bb8 d+4 db+8 c+8 bb8 g4
r8 f8 g8 ab8 b8 f+4 d+8
eb+8 d+8 b8 c+8 eb+8 g+4 r8
r4 gb8 eb8 a8 c+8 bb8 gb8
f4 d8 a8 g8 f8 c4
db8 eb8 g4 bb8 a8 bb4
r8 a8 eb+8 d+8 c+8 bb8 a8 g8
f#8 eb+4 c+8 bb8 a8 ab8 f#8
g8 a8 d8 bb-8 e4 d4
g-2 r2
