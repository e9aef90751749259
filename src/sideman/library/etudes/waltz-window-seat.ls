(title Window Seat)
(composer sideman)
(comments A jazz waltz in F. A dotted quarter and three eighths make the figure; four against the bar line in places; minor subdominant colour in bar 12.)
(meter 3 4)
(key -1)
(mode major)
(tempo 150.0)
(style waltz)

(part
    (type chords)
    (key -1)
)

FM7 | FM7 | Gm7 | C7 |
Am7 | D7b9 | Gm7 | C7 |
FM7 | F7 | BbM7 | Bbm6 |
Am7 | D7b9 | Gm7 / C7 | FM7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
a4. g8 a8 c+8
e+4. d+8 c+8 a8
bb4. a8 bb8 d+8
c+8 bb8 a8 e4 r8
g4 a8 c+8 b8 c+8
eb+4 c+8 bb8 g8 f#8
bb4 c+8 a8 g8 f8
e4. r8 g8 a8+4.
g8 a8 c+8
eb+4. d+8 db+8 b8
c+4 bb8 a8 g8 f8
db+4 bb8 g4 r8
e8 g8 b4 d+4
c+4 bb8 f#8 eb4
d8 f8 a4 g8 e8
f2 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 f8 a8 c+8 e+8 d+8
d+4 a8 g8 e4
r8 g8 bb8 d+8 f+8 e+8
eb+8 db+8 bb8 g8 r4
a8/3 b8/3 c+8/3 d+8 e+8 g+4
f#+8 eb+8 d+8 c+8 bb8 a8
g4. a8 c+8 f+8
c+8 ab8 g8 e8 r4
d4 e8 g8 b4
bb8 c+8 eb+4 d+4
r8 e8 f8 a8 c+8 d+8
f+4. db+8 bb8 r8
g8 e4 c8 b-8 a-8
r8 f#8 g8 a8 eb+8 c+8
bb4 d+8 a8 g8 e8
a4 f2
