(title Paper Boat)
(composer sideman)
(comments A bossa in D major, even eighths. The first two bars go up a step with the chord, and come home in the last line.)
(meter 4 4)
(key 2)
(mode major)
(tempo 128.0)
(style bossa)

(part
    (type chords)
    (key 2)
)

DM7 | DM7 | E7 | E7 |
Em7 | A7 | F#m7 Fo7 | Em7 A7 |
DM7 | DM7 | E7 | E7 |
Em7 | A7 | D6 | D6 |
GM7 | Gm6 | F#m7 | B7b9 |
Em7 | Gm6 | F#m7 Fo7 | Em7 A7 |
DM7 | DM7 | E7 | E7 |
Em7 | A7 | D6 | Em7 A7 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 2)
    (stave treble)
)
f#4. a8 c#+4 b4
a4. e8 f#4 r4
g#4. b8 d+4 c#+4
b4. g8 g#4 r4
r8 f#4 b8 d+4 f#+4
e+4. c#+8 bb4 a4
a8 g#8 c#4 d8 f8 ab4
a8 b8 e4 g8 c#4 r8
e8 a4 b8 c#+4 e+4
d+8 c#+8 c+8 a8 r2
r8 g8 g#8 a8 a#8 b8 d+4
d+4 b8 g#8 e4 r4
g4. f#8 g8 a#8 b4
c#+8 b8 bb4 a8 g8 f#4
f#4 b4 a4. e8
f#2 r4 r8 d+8+4.
c#+8 f#4 a4
bb4. a8 e4 d4
c#4 e8 a4 b8 c#+4
d#+4 c+8 b8 a8 f#4 r8
r8 f#8 g8 b8 d+4 f#+4
e+8 d+4 c+8 bb4 r4
a8 b8 e+4 d+8 b8 ab4
g4 f#8 g8 b4 a8 f#8+4.
a8 c#+4 b4
a4 f#+4 e+8 c#+4 r8
g#4. b8 d+4 g#+4
e+8 c#+8 b4 f#4 r4
r8 b8 a#8 b8 g8 f#4 e8
r8 bb8 a8 g8 c#4 e4
f#4 e8 d4. r4
r1
