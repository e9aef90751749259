(title Unsent)
(composer sideman)
(comments A ballad in E flat. The tune's long notes with sixteenth-note turns between them; double time only where a chord hands over; one high g in bar 13.)
(meter 4 4)
(key -3)
(mode major)
(tempo 66.0)
(style ballad)

(part
    (type chords)
    (key -3)
)

EbM7 Cm7 | Fm7 Bb7 | Gm7 C7b9 | Fm7 Bb7 |
Bbm7 Eb7 | AbM7 Abm6 | Gm7 C7b9 | Fm7 Bb7 |
EbM7 Cm7 | Fm7 Bb7 | Gm7 C7b9 | Fm7 G7b9 |
Cm7 | F7 | Fm7 Bb7 | Eb6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -3)
    (stave treble)
)
r8 g8 bb4 a16 bb16 c+16 eb+16 d+4
c+8 ab4 g8 f4 r4
r4 f#16 g16 a16 bb16 db+4 c+8 a8
ab8 b8 c+8 eb+8 e+8 d+4 r8
r4 g8/3 ab8/3 bb8/3 db+8 bb8 a8 b8
c+4. eb+8 f+4 eb+8 b8
bb4 a16 bb16 d+16 f16 e4 db+16 c+16 bb16 g16
ab16 g16 ab16 c+16 eb+4 d+4 r8 bb16 ab16
g4. bb8 f+4 d+4
c+8/3 db+8/3 d+8/3 c+8 f8 ab8 g8 r4
r8 d8 f8 a8 bb16 a16 bb16 e+16 db+8 c+8
ab4 g16 ab16 c+16 eb+16 d+4 b4
c+4 r4 g16 c+16 d+16 f+16 g+8 f+8+4.
eb+8 d+16 c+16 a16 gb16 f4
ab4 g8 f8 eb8/3 d8/3 f8/3 c+4
bb-8 d8 g2 r4
