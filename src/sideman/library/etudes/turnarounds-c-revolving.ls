(title Revolving)
(composer sideman)
(comments Turnarounds in C. Sixteen bars of two chords a bar: common tones held, thirds and sevenths moved by half steps.)
(meter 4 4)
(key 0)
(mode major)
(tempo 132.0)
(style swing)

(part
    (type chords)
    (key 0)
)

C6 A7 | Dm7 G7 | Em7 A7 | Dm7 G7 |
C6 C#o7 | Dm7 D#o7 | Em7 Ebm7 | Dm7 Db7 |
CM7 Eb7 | AbM7 Db7 | CM7 Eb7 | AbM7 Db7 |
C7 A7#9 | D7 G7b9 | Em7b5 A7b9 | Dm7 Db7#11 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
g4 e8 g8 bb8 a8 g#8 g8
f8 a8 d4 b4 ab4
g8 f#8 g8 b8 c#+8 d+8 bb8 a8
f4 r4 r8 d8 b-8 d8
e8 d#8 e8 c8 g-4 r4
a8 g8 f8 c+8 b8 a8 f#4
g8 b8 d+4 db+8 bb8 gb4
f8 e8 a8 c+8 b4 r8 d+8+4
c+8 b8 bb8 c+8 db+8 g8
ab4 c+8 bb8 ab8 gb8 f4
e8 f8 g8 b8 bb8 ab8 g8 f8
eb8 f8 g4 ab4 r4
g8 e+8 d+8 bb8 c+8 b8 bb8 a8
f#8 a8 e+4 d+8 b8 ab8 g8
bb8 a8 g4 r8 c#8 e8 bb8
a8 g8 f8 e8 f2
