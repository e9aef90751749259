(title Blue Envelope)
(composer sideman)
(comments A ballad in E flat, all of its form. A long note, a turn of sixteenths, a leap into the next chord; the bridge says its first bars again a step lower.)
(meter 4 4)
(key -3)
(mode major)
(tempo 63.0)
(style ballad)

(part
    (type chords)
    (key -3)
)

(section (style ballad) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Gm7 C7b9 | Fm7 Bb7 |
(section (style ballad) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Fm7 Bb7 | Eb6 |
(section (style ballad) (label B))
Am7 D7 | GM7 Em7 | Am7 D7 | GM7 |
Gm7 C7 | FM7 Dm7 | Fm7 | Bb7sus4 Bb7 |
(section (style ballad) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Fm7 Bb7 | Eb6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key -3)
    (stave treble)
)
bb4. g8 a8 bb8 d+4
c+4 b16 c+16 bb16 ab16 g4 r4
r4 f8 g8 bb16 c+16 db+16 bb16 ab4
g8 ab8 c+4 bb4 r4
bb4 g8 f8 db+16 c+16 bb16 ab16 g4
c+4. eb8 ab4 b4
bb4 a16 bb16 d+16 c+16 bb4 ab8/3 g8/3 e8/3
f4 g8 ab8 c+4 r8 bb8+4.
g8 a8 bb8 f+4
eb+4 d+16 eb+16 db+16 c+16 ab8 a8 bb4
f4 e16 f16 g16 bb16 db+4 c+8/3 bb8/3 ab8/3
ab8 g8 c4 d8 f4 r8
r8 g8 bb8 f8 db4 g16 bb16 db+16 f+16
eb+4. c+8 b4 ab4
g4 f8 eb8 d8 eb16 f16 ab16 c+16 bb8
g2 r4 g8 g#8
g#8 a8 b16 c+16 e+16 eb+16 d+8 a8 f#8 b8+4.
d+8 f#+4 e+4
r8 e+8 c+8 a8 bb16 a16 f#16 eb16 d4
a#8 b8 b4 r4 d4
f#8 g8 a16 bb16 d+16 db+16 c+8 g8 e4
r8 a8 c+8 e+8 g+4 f+4
r8 c+8 ab8 g8 f16 g16 ab16 c+16 eb+4
f+4 eb+8 c+8 d+16 c+16 b16 bb16 ab8 bb8+4.
g8 a8 bb8 d+4
c+8 bb16 c+16 d+16 c+16 ab8 g4 r4
r8 db+8 c+16 db+16 bb8 g8 f#8 g16 bb16 c+16 db+16
c+8 ab8 g16 ab16 f16 g16 d4 r4
g4 bb4 db+8 f+4 eb+8
c+4. bb8 ab8 ab16 b16 eb+16 db+16 b8
c+4 bb8 ab8 g8/3 f8/3 d8/3 f4
g4 eb2 r4
