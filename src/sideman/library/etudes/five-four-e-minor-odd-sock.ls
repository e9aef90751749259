(title Odd Sock)
(composer sideman)
(comments Five beats as three and two, in E minor. The first figure leans on its dotted quarter; repeated notes push the second chorus to its one high g.)
(meter 5 4)
(key 1)
(mode minor)
(tempo 152.0)
(style swing)

(part
    (type chords)
    (key 1)
)

Em6 | Em6 | F#m7b5 / / B7b9 / | Em6 |
Em6 | E7b9 | Am7 | Am7 / / D7 / |
GM7 | CM7 | F#m7b5 | B7b9 |
Em6 | Em6 | C7 / / B7b9 / | Em6 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 1)
    (stave treble)
)
e4. f#8 g4 b4 r4
r4 b8 c#+8 b8 g8 e2
r8 a8 b8 c+8 e+8 d+8 d#+8 c#+8 c+4
b4. a#8 b8 g8 e4 r4
e4. f#8 g4 b4 c#+4
d+8 c#+8 d+8 b8 g#4 f4 r4
g#8 a8 b8 c+8 e+4 d+8 c+8 r4
r8 b8 c+8 a8 g8 f#8 eb4 d4
b8 d+4 f#8 a4 g4 r4
r4 f#8 g8 a8 b8 d+4 b4
c+8 b8 c+8 a8 f#8 e8 c4 r4
r4 d8 d#8 a8 c+8 b8 a8 r4
g4. f#8 e4 c#4 b-4
r4 b8 c#+8 e+8 d+8 b4 r4
e+8 bb8 g8 e8 f8 f#8 a8 c+8 b8 f#8
e4. b-8 e4 r2

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 1)
    (stave treble)
)
r8 b8 b8 r8 b8 a#8 b4 f#4
r8 b8 b8 r8 e+8 d#+8 c#+4 b4
c+8 e+4 c+8 a4 b8 d#+8 f#+4
g+4. f#+8 e+4 b4 r4
r4 e8 g8 a8 bb8 b4 e+4
f+8 e+8 d+8 b8 g#8 a8 b4 r4
c+8 c+8 e+4 r8 c+8 b8 g8 a4
e4 g8 g#8 a8 b8 eb+8 d+8 c+8 f#8
g4. a8 b4 r2
r8 b8 a8 g8 e8 d8 e4 g4
a8 g#8 a8 c+8 e+4 d+8 c+8 r4
b8 a#8 b8 c+8 d#+8 f#+8 d#+4 r4
r8 e8 f#8 g8 b8 c#+8 e+4 d#+4
e+4 b8 bb8 a8 f#8 e4 r4
c8 d8 e8 bb8 a8 g8 f#8 d#8 c8 b-8
e2. r2
