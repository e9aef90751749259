(title Low Tide)
(composer sideman)
(comments A bossa in D minor, even eighths. Dotted quarters lean over the beat; the second chorus turns the same sighs with sixteenths and climbs once.)
(meter 4 4)
(key -1)
(mode minor)
(tempo 132.0)
(style bossa)

(part
    (type chords)
    (key -1)
)

Dm7 | Dm7 | Em7b5 | A7b9 |
Dm7 | D7b9 | Gm7 | C7 |
FM7 | BbM7 | Em7b5 | A7b9 |
Dm7 | Bb7 | Em7b5 A7b9 | Dm7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
a4. f8 e4 f8 g8
a4. d+8 c+4. a8
bb4. a8 g#8 g8 e4
r8 e8 f8 g8 bb4 a4
f2 r8 f8 e8 f8
f#4. a8 c+4 eb+8 d+8+4.
c+8 bb4. a8
g4 bb8 e+4 d+8 r4
b8 c+4 a8 g4 a4
r8 d8 f8 a8 d+4. c+8
bb8 a8 g#8 a8 bb4. g8
f8 e8 c#4 r4 e8 g8
f4. e8 d4 a-8 bb-8+4.
d8 f4 ab4
g4. e8 c#4 e4
d2. r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 a8 a16 bb16 a16 g16 a4. f8
e8 f8 g4 r4 a8 d+8
e+8 d#+8 e+8 d+8 bb4 g4
r8 g8 f16 g16 f16 e16 c#4 bb4
a8 g#8 a8 f8 e8 c#8 d4
f#8 g8 a8 bb8 c+4 eb+4
d+4. bb8 a8 g4 a8
bb8 c+8 d+8 e+8 g+8 e+8 r4
f+4. e+8 c+4 a4
r8 g8 a8 d+8 c+4. bb8
a8 bb8 g4 e16 f16 g16 a16 bb4
a8 g8 e8 c#8 bb8 a8 r4
f4. d8 e8 f4 g8
ab4. g8 f8 c#8 d4
e8 g8 bb4 a8 g8 c#4
d4. a-8 d2
