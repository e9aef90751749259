(title Hat Rack)
(composer sideman)
(comments Rhythm changes in B flat, unhurried. A falling four-note call opens every A section; long tones on the bridge, then one run home.)
(meter 4 4)
(key -2)
(mode major)
(tempo 176.0)
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
d+4. bb8 g4 f4
eb4 r8 g8 f4 r4
d+4. c+8 b4 a4
c+8 b8 c+8 g8 f4 r4
r4 f8/3 g8/3 ab8/3 bb4 c+4
bb8 ab8 g8 f8 gb8 ab8 c+4
r8 a8 c+8 d+8 db+8 b8 ab8 f8
eb4 d8 c4 r8 r8 d+8+4.
bb8 g4 f4
eb8 f8 g8 bb8 a4 r8 f+8+4.
e+8 eb+8 d+8 b8 ab8
g4 f8 eb8 r8 d8 eb8 e8
f4 g8 ab8 d+4 c+4
bb8 c+8 g4 gb8 ab8 c+4
bb8 c+8 d+4 c+8 a8 g4
f2 r2
r4 a4 b4 e+8 f#+8+4.
e+8 d+8 c+8 bb8 a8
g4. r8 r4 d8 e8
f8 g8 a8 b8 c+8/3 d+8/3 eb+8/3 e+8 d+8
bb4 a8 g8 d+4 c+4
bb8 g8 f8 e8 db8 e8 f8 g8
a4 r8 g8 gb4 f4
r8 c8 db8 eb8 f8 gb8 a8 c+8
d+4. bb8 g4 f4
eb8 d8 c4 r8 f8 g8 a8
c+4 e+8 d+8 db+8 d+8 b8 ab8
g8 bb8 d+8 c+8 a8 gb8 r4
f8 e8 f8 ab8 d+4 r4
r8 g8 ab8 a8 bb4 db+8 c+8
bb4 d+4 c+4 a4
bb4. g8 f8 d8 bb-4
