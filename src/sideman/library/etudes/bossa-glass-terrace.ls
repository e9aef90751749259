(title Glass Terrace)
(composer sideman)
(comments A bossa in A minor, even eighths. Notes tied over the bar line pull against the beat; the bridge says one thing in F and again in E flat.)
(meter 4 4)
(key 0)
(mode minor)
(tempo 136.0)
(style bossa)

(part
    (type chords)
    (key 0)
)

Am7 | Am7 | Bm7b5 | E7b9 |
Am7 | D9 | Dm7 | G7 |
CM7 | FM7 | Bm7b5 | E7b9 |
Am6 | F7 | Bm7b5 | E7b9 |
Gm7 | C7 | FM7 | FM7 |
Fm7 | Bb7 | EbM7 | EbM7 |
Dm7 | G7 | CM7 A7b9 | Dm7 |
Bm7b5 | E7b9 | Am6 | Am6 |

(part
    (type melody)
    (title Solo)
    (instrument 66)
    (key 0)
    (stave treble)
)
r8 e4 a8 b4 a8 c+8+4
b8 a8 e4 r4
r8 f4 b8 c+4 b8 d+8+4
c+8 b8 f4 r8 e8+4.
g8 c+4 b4
a4. e8 f#8 g8 a4
r8 f8 a8 c+8 e+4 d+4
b8 bb8 a8 ab8 g4 r4
e8 r8 g4 d+4 c+8 r8
a4 c+8 b8 a4 e4
f4. b8 a4 g4
f8 g#8 b4 d+8 c+8 r4
r8 b8 a8 g#8 a8 f#4 e8
eb4 f8 a8 c+4 b4
d+4. c+8 b8 a8 f4
e8 g#8 f8 e8 r8 d+8 c+8 b8
bb4. a8 d4 f4
e4. g8 bb8 a4.
g4 c+4 a8 g4 r8
r8 e8 g8 a8 c+4 a8 ab8+4.
g8 c4 eb4
d4. f8 ab8 g4.
f4 bb4 g8 f4 r8
r2 f8 g8 bb8 c+8
d+4. c+8 a4 f+8 e+8+4
d+8 b8 ab4 g4
e8 b4 g8 bb8 g8 r4
a4. f8 e4 d4
r8 b-8 d8 f8 a4 g4
f4 g#8 b8 d+8 c+8 b4
a4. f#8 e4 b4
a2. r4
