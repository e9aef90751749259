(title Salt Wind)
(composer sideman)
(comments A Latin vamp in F minor, even eighths. Off-beat accents on the vamp, longer lines over D flat, the sharp ninth on C.)
(meter 4 4)
(key -4)
(mode minor)
(tempo 184.0)
(style latin)

(part
    (type chords)
    (key -4)
)

Fm7 | Bb7 | Fm7 | Bb7 |
Fm7 | Bb7 | Fm7 | Gm7b5 C7b9 |
DbM7 | DbM7 | C7#9 | C7#9 |
DbM7 | DbM7 | Gm7b5 | C7b9 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key -4)
    (stave treble)
)
f4 ab8 c+4 bb8 ab4
g4 f8 d4 f8 g8 ab8+4
g8 f4 eb8 c4
d8 f8 bb4 ab8 g4 r8
r8 c+8 c+8 bb8 c+4 eb+8 d+8+4
c+8 bb8 f8 g4 r8
f8 e8 f8 ab8 c+8 b8 bb8 ab8
f8 db4 f8 e8 g8 r4
ab4. f8 c4 eb4
f8 ab8 c+4 eb+4 c+8 e+8+4.
eb+8 c+8 bb8 g4
r8 bb8 c+8 eb+8 e+8 c+8 ab8 g8
f4 ab8 c+4 eb+8 f+4
eb+8 c+8 ab4 f4 r4
r8 f#8 g8 bb8 db+4 c+4
bb8 ab8 e8 g8 c4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -4)
    (stave treble)
)
c8 f4 g8 ab4 c+8 bb8+4
d4 f8 f#8 g4
c+8 c+8 b8 c+4 bb8 ab4
g8 f8 d4 r4 bb4
ab8 g8 f8 g8 ab8 c+8 eb+8 f+8
d+4. f+8 eb+8 d+8 bb4
c+8 ab8 bb4 g8 ab4 r8
r8 db+8 c+8 bb8 g8 e8 db+8 bb8
ab8 f8 c4 r4 eb8 f8
ab8 g8 ab8 c+8 f+4 eb+4
g8 bb8 e+4 eb+8 c+8 g4
ab8 g8 e4 r2
r8 g8 ab8 c+8 eb+8 f+8 e+8 eb+8
c+8 ab8 f8 db8 c4 ab-4
bb-8 db8 f8 g8 bb4 ab4
g8 e8 db4 c2
