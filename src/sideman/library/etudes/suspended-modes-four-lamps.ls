(title Four Lamps)
(composer sideman)
(comments Suspended chords, four bars of each. Fourths and seconds, no third to lean on; the figure is moved with the chord, then taken apart.)
(meter 4 4)
(key 0)
(mode major)
(tempo 126.0)
(style latin)

(part
    (type chords)
    (key 0)
)

D9sus4 | D9sus4 | D9sus4 | D9sus4 |
F9sus4 | F9sus4 | F9sus4 | F9sus4 |
Eb9sus4 | Eb9sus4 | Eb9sus4 | Eb9sus4 |
C9sus4 | C9sus4 | G9sus4 | A7sus4 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 0)
    (stave treble)
)
d4 g8 a8 c+4 d+4
r4 c+8 a8 g4 e4
r8 c#8 d8 g8 a8 c+8 b8 bb8
a4 d4 r2
f4 bb8 c+8 eb+4 f+4
r4 eb+8 c+8 bb4 g4
r8 e8 f8 bb8 b8 c+8 eb+8 c+8
bb4 f4 r4 c+8 bb8
ab4 eb4 f4 bb4
r8 db+8 c+8 ab8 bb4 f4
g8 ab8 bb8 db+8 f+4 eb+4
c+4. ab8 bb4 r4
r8 b-8 c8 f8 g8 bb8 b8 c+8
a4 f8 g8 bb4 c+8 d+8+4
c+8 a8 g8 f8 d4
e4 a8 b8 d+4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 0)
    (stave treble)
)
d+8 d+4 c+8 a4 g4
e8 g8 a4 r4 c+4
d+8 c#+8 d+8 e+8 c+8 a8 g4
a16 b16 c+16 b16 a8 g8 d4 r4
f8 f4 g8 bb4 c+4
eb+4 e+8 eb+8 d+8 bb8 g4
f16 g16 bb16 c+16 eb+4 c+8 bb4 r8
r2 c+8 bb8 g8 f8
d8 eb8 ab8 bb8 db+4 c+4
bb8 ab8 f4 r8 e8 f8 ab8
bb4 f+4 db+4 bb4
c+8 bb8 ab8 f8 eb4 r4
f8 f#8 g8 bb8 d+8 c#+8 c+4
bb8 a8 g4 f8 d8 c4
r8 d8 f8 g8 a8 c+8 f+8 g+8
e+4 d+8 b8 a4 r4
