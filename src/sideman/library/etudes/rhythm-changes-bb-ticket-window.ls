(title Ticket Window)
(composer sideman)
(comments Rhythm changes in B flat in short bursts. Quarter notes off the beat, falling fifths and sevenths, a bar of rest at the end of the first A.)
(meter 4 4)
(key -2)
(mode major)
(tempo 208.0)
(style swing)

(part
    (type chords)
    (key -2)
)

(section (style swing) (label A))
Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
Fm7 Bb7 | Eb6 Ab7 | Dm7 G7 | Cm7 F7 |
(section (style swing) (label A))
Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
Fm7 Bb7 | Eb6 Ab7 | Cm7 F7 | Bb6 |
(section (style swing) (label B))
D7 | D7 | G7 | G7 |
C7 | C7 | F7 | F7 |
(section (style swing) (label A))
Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
Fm7 Bb7 | Eb6 Ab7 | Cm7 F7 | Bb6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -2)
    (stave treble)
)
bb4 f8 g8 r8 d+8 c+8 b8
d+8 c+8 g4 a4 r4
r8 a8 c+8 e+8 d+8 b8 ab4
g8 ab8 g8 c8 eb8 a4 r8
ab8 c+4 bb8 g8 ab4 f8
g4 bb8 eb+8 d+8 c+8 bb8 gb8
f8 e8 a4 r8 ab8 g8 f8
eb4 r4 r2
r8 f8 g8 bb8 d+8 c+8 b4
r8 eb8 f8 g8 c+8 bb8 a4
r8 d8 e8 a8 b8 d+8 c+8 ab8
g8 eb8 d4 r4 gb8 a8
c+4. bb8 ab8 d8 f4
g8 c+8 bb4 gb8 ab8 c+4
d+8 c+8 g8 bb8 a4 gb8 e8
f4 d4 r2
r4 f#8 g8 a4 e+4
d+8 c+8 a4 bb8 a8 f#8 eb8
d4 a4 b8 g8 f+4
e+8 eb+8 d+8 ab8 a8 b8 d+4
r4 d#8 e8 g8 d+4 c#+8
c+8 b8 bb8 a8 ab8 g8 e4
f8 g8 a4 gb4 eb4
r8 c8 d8 eb8 a8 c+8 bb8 gb8
f8 g8 bb4 d+8 c+8 b4
c+8 bb8 eb4 g8 a4 r8
a8 f+8 e+8 d+8 c+8 b8 d+8 ab8
g4 eb8 g8 a8 c+8 r4
ab+4 f+8 c+8 d+8 ab4 g8
f8 g4 bb8 c+8 bb8 gb4
f8 d8 g8 bb8 c+8 a8 g8 f#8
f8 bb4 d+8 bb4 r4
