(title Carousel)
(composer sideman)
(comments A blues waltz in G. The same climb, d f g b flat b, opens each line and is bent to the next chord; four bars, four bars, and home before the turnaround.)
(meter 3 4)
(key 1)
(mode major)
(tempo 160.0)
(style waltz)

(part
    (type chords)
    (key 1)
)

G7 | G7 | C7 | C7 |
G7 | G7 | Dm7 | G7 |
C7 | C7 | C#o7 | C#o7 |
G7/D | G7/D | Bm7b5 | E7b9 |
Am7 | Am7 | D7 | D7 |
G7 | E7#9 | Am7 | D7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 1)
    (stave treble)
)
r8 d8 f8 g8 bb8 b8
d+8 db+8 b8 g4 r8
r8 d8 eb8 e8 g8 bb8
a8 bb8 g8 e4 r8
r8 d8 f8 g8 bb8 b8
f+4 d+8 b4 r8
c+8 a8 g8 f8 e4
f8 ab8 b8 d+8 r4
bb8 a8 bb8 e8 g8 a8
bb8 c+8 e+8 g+8 e+8 d+8
c#+4. bb8 a8 g8
e8 f#8 g8 bb8 c#+8 d+8+4.
c+8 b8 bb8
g8 f8 d8 bb-8 b-8 r8
r4 b8 d+8 f+8 e+8
d+8 b8 g#8 f4 r8
e8 g#8 a8 c+8 b8 g8
a8 e4. r4
r8 f#8 g8 a8 c+8 e+8
eb+8 d+8 bb8 a8 f#4
g8 bb8 b8 g4.
r2.
r2.
r2.
