(title Shutters)
(composer sideman)
(comments A jazz waltz in F. Sixths leap up and steps lead down; the middle repeats its four bars a step lower, then the line climbs to its one high g.)
(meter 3 4)
(key -1)
(mode major)
(tempo 168.0)
(style waltz)

(part
    (type chords)
    (key -1)
)

FM7 | Em7b5 A7b9 / | Dm7 | Cm7 F7 / |
BbM7 | Bbm6 | Am7 | D7b9 |
Gm7 | C7 | Am7 | Abo7 |
Gm7 | C7 | FM7 | Gm7 C7 / |
Cm7 | F7 | BbM7 | BbM7 |
Bbm7 | Eb7 | AbM7 | AbM7 |
Gm7 | C7 | Am7 | D7b9 |
Gm7 | C7b9 | F6 | F6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -1)
    (stave treble)
)
c4 a4 g4
bb8 g8 f8 e8 c#4
d8 c#8 d8 f8 a4
g4 a8 c+8 eb+8 d+8+4.
c+8 a8 bb8
g8 f8 db+4 r4
b8 c+8 e+4 d+4
c+8 bb8 a8 f#4 r8
d8 bb4 a8 ab8 g8
e8 d+4 db+8 c+8 bb8
a8 g8 e4 r4
r8 b8 d+8 c+8 b8 ab8
bb4. f#8 g8 bb8
d+8 c#+8 c+8 g8 e4
g#8 a8 e+4. c+8
d+8 bb8 g8 e8 r4
eb4 d8 g8 bb4
a8 bb8 c+8 eb+8 gb4
e8 f8 a4 d+8 c+8
bb8 a8 f4 r8 db8+4
c8 f8 ab4
g8 ab8 bb8 db+8 e4
d8 eb8 g4 c+8 bb8
ab8 g8 eb4 r4
r8 c#8 d8 f8 bb8 d+8
bb8 a8 g8 bb8 e+8 g+8+4
e+8 d+8 c+4
eb+8 c+8 bb8 a8 f#4
g8 bb8 d+8 bb8 f4
e8 g8 db+4 bb4
a8 g8 d4 c8 f8
a4 f4 r4
