(title Quarter Past)
(composer sideman)
(comments Blues in B flat. The first chorus runs, the second begins in plain quarter notes and climbs to one high g; altered tones over F7, then a simple end.)
(meter 4 4)
(key -2)
(mode major)
(tempo 168.0)
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
bb-8 c8 d8 f8 e8 f4 g8
g4. f8 eb4 r4
r8 d8 eb8 e8 f8 g8 bb8 c+8
ab8 bb8 c+8 bb8 ab8 f8 r4
eb8 g8 f8 g8 bb8 c+4 r8
r8 db+8 bb8 a8 bb8 g8 f#8 g8
f8 d8 eb8/3 e8/3 f8/3 ab8 g8 f8 d8
f4 e8 f8 d4 r4
c8 d8 eb8 f8 f#8 g8 bb8 a8
ab4 gb8 eb8 db8 c8 a-8 c8
d4. f8 ab4 g4
r8 bb8 c+8 d+8 eb+8 c+8 a8 gb8

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key -2)
    (stave treble)
)
f4 d4 c+4 bb8 g8+4
bb4 db+4 r4
r8 c+8 d+8 f+8 e+8 eb+8 d+8 db+8
c+8 eb+8 c+8 bb8 ab8/3 bb8/3 c+8/3 d+8 f+8
g+4 f+8 eb+8 db+8 bb4 r8
r4 bb8 db+8 e+4 db+8 c+8
bb8 g8 f8 d8 f4 r4
r4 ab8 f8 g8 d8 r4
c8 d8 eb8 f8 g4 r4
r4 b8 c+8 a8 bb8 gb8 eb8
d8 f8 bb4 r2
r1
