(title Short Notice)
(composer sideman)
(comments The changes of Avalon in F, fast. Half a bar of notes and a bar of listening; runs only where the chord turns, and one high g in bar 22.)
(meter 4 4)
(key -1)
(mode major)
(tempo 252.0)
(style swing)

(part
    (type chords)
    (key -1)
)

Gm7 | C7 | Gm7 | C7 |
F6 | F6 | F6 | D7b9 |
Gm7 | C7 | Gm7 | C7 |
F6 | F6 | F6 | F6 |
D7 | D7 | D7 | D7 |
Gm7 | Gm7 | Bbm6 | Bbm6 |
F6 | F6 | D7 | D7 |
Gm7 | C7 | F6 | F6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -1)
    (stave treble)
)
r4 d4 f4 a4
g4. e8 r2
r4 c#8 d8 a8 c+8 b8 bb8
a8 g8 e4 r2
c+4 c+4 r8 a8 c+8 d+8
c+8 g#8 a8 f8 r2
r8 c8 e8 g8 a8 g8 e8 c8
eb4 f#4 a4 r4
bb4. d+8 f+4 e+4
d+8 c+8 db+8 c+8 bb8 g8 e4
r2 r8 f#8 g8 a8
bb8 g8 e8 db8 c4 r4
r8 a8 a8 r8 a8 g#8 a8 c+8
d+4 c+4 r4 a4
f8 e8 f8 a8 c+8 e+8 d+8 c+8
a4 r4 r2
r8 f#8 a8 c+8 e+4 d+4
c+8 b8 bb8 a8 f#8 d8 r4
r8 eb8 f#8 a8 bb8 a8 c+8 eb+8
d+2 r2
d+8 c#+8 d+8 bb8 g4 r4
r8 f#8 g8 a8 bb8 f+8 g+4
f+4 db+4 bb8 g8 r4
r8 e8 f8 g8 bb8 db+8 c+8 bb8
a4 r8 c8 d8 g8 g#8 a8
c+4. a8 f4 r4
r4 eb+8 d+8 c+8 bb8 a8 f#8
ab8 a8 eb+4 d+4 r4
f#8 g8 d+8 c#+8 c+8 bb8 f4
e8 db+8 c+8 b8 bb8 ab8 g8 e8
f4 c4 f2
r1
