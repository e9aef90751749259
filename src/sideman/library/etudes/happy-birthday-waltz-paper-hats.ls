(title Paper Hats)
(composer sideman)
(comments Three choruses on Happy Birthday as a waltz. First a paraphrase, then a line of eighths; at the end two dotted quarters go against three.)
(meter 3 4)
(key -1)
(mode major)
(tempo 150.0)
(style waltz)

(part
    (type chords)
    (key -1)
)

F6 | C9 | Gm7 C7 / | F6 |
Cm7 F7 / | BbM7 | F/C / C7 | F6 / C7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -1)
    (stave treble)
)
c4 d8 c8 f4
e4. d8 c8 e8
d4 f8 e8 g4
f4. r8 g8 a8
eb+4 d+8 db+8 a8 bb8+4.
a8 g8 e8
d8 f8 a4 bb8 g8
a8 g#8 a8 f8 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -1)
    (stave treble)
)
r8 e8 g8 a8 c+8 d+8
e+8 d#+8 e+8 c+8 bb8 g8
a8 bb8 d+4 r4
r8 c+8 b8 c+8 a8 f8
r8 g8 gb8 a8 eb+4
d+4 c+8 bb8 a8 g8
e8/3 f8/3 g8/3 a4 g4
f2 r4

(part
    (type melody)
    (title Chorus 3)
    (instrument 66)
    (key -1)
    (stave treble)
)
c+4. a4.
bb4. a4.
f4. e8 r4
r8 d8 g8 a8 c+8 f+8
eb+8 d+8 gb8 a8 bb8 c+8
d+8 c#+8 d+8 f+8 g+4
c+8 bb8 a4 g8 db8
c4 f2
