(title Pepper Mill)
(composer sideman)
(comments Blues in B flat with wide steps. Sevenths and sixths between inner voices, quarter notes pushed off the beat, a plain end.)
(meter 4 4)
(key -2)
(mode major)
(tempo 192.0)
(style swing)

(part
    (type chords)
    (key -2)
)

Bb7 | Eb7 | Bb7 | Fm7 Bb7 |
Eb7 | Eo7 | Bb7 | Dm7b5 G7b9 |
Cm7 | F7 | Bb7 G7b9 | Cm7 F7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -2)
    (stave treble)
)
r8 d8 f8 g8 c+4 bb4
r8 db+8 c+8 bb8 g4 f4
d8 f8 c+8 bb8 r8 f8 g4
r8 ab8 bb8 c+8 d+8 c+8 b4
bb8 g8 f8 g8 db+4 c+4
r8 bb8 c+8 db+8 e+8 db+8 bb8 g8
f#8 g8 f8 d+8 db+8 bb8 r4
r8 f8 c+4 b8 g8 r4
eb+4 g8 b8 bb8 a8 d4
eb8 f8 a8 eb+8 db+8 gb8 f4
g8 bb8 d4 f8 ab8 g4
d8 eb8 bb4 r2

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
bb8 bb8 r8 bb8 b8 c+8 ab8 f8
g8 bb8 db+4 bb8 c+4 r8
ab+4 f+8 d+8 c+8 bb8 f4
ab8 c8 eb4 d8 ab4 r8
g8 a8 bb8 db+8 f+4 e+8 eb+8
r8 e+8 db+8 c+8 bb8 g8 f#8 g8
f8 d4 eb8 f8 c+8 bb4
ab8 g8 f4 d8 b-8 r4
c8 d8 g8 eb+8 d+8 c+8 g4
gb8 a8 c+4 bb8 gb8 eb4
d8 f8 bb-4 r2
r1
