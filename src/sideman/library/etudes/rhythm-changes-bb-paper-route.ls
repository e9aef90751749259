(title Paper Route)
(composer sideman)
(comments Rhythm changes in B flat. Eighth-note lines that spell every change; the bridge walks the dominants by their thirds and the last A reaches the top.)
(meter 4 4)
(key -2)
(mode major)
(tempo 200.0)
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
r8 f8 g8 bb8 d+8 c+8 b8 ab8
g8 f8 eb8 g8 a8 c+8 b8 bb8
a4 c+8 a8 ab4 g8 f8
eb8 g8 d8 c8 eb8 f8 gb8 a8
c+4 r8 ab8 bb8 c+8 d+8 f+8
g+4 f+8 eb+8 db+8 c+8 bb8 gb8
f8 g8 a4 b4 c+8 d+8
eb+8 c+8 g4 r2
r8 f8 g8 bb8 d+8 c+8 b8 ab8
g8 bb8 a8 g8 gb8 f8 eb8 c8
d4 e8 f8 ab8 g8 f8 eb8
d8 eb8 f8 g8 a4 r4
r8 ab8 g8 f8 e8 f8 bb8 c+8
bb8 ab8 g8 eb8 f8 gb8 ab8 bb8
c+4 d+8 eb+8 a8 g8 gb8 e8
f4. r8 r4 d8 e8
f#4 g8 a8 e+4 d+4
r8 c+8 b8 a8 g8/3 a8/3 b8/3 c+8 eb+8
d+8 b8 c+8 d+8 e+4 r4
r2 g8 ab8 b8 d+8
eb+8 e+8 d+8 c+8 bb4 r4
r4 ab8 a8 bb8 b8 c+8 db+8
eb+4 d+8 c+8 a4 g8 gb8
f8 eb8 d8 c8 b-8 c8 eb8 e8
r8 f8 g8 bb8 d+8 c+8 b8 ab8
g8 c+8 b8 c+8 eb+8 d+8 db+8 c+8
a8 d+8 c#+8 d+8 f+8 ab+8 g+8 f+8
eb+8 d+8 c+8 bb8 a8 gb8 r4
c4 f8 g8 ab8/3 bb8/3 c+8/3 db+8 d+8
eb+4 c+8 bb8 gb8 bb4 c+8
d+8 bb8 g8 f8 eb8 c8 a-4
bb-4. f8 bb4 r4
