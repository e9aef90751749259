(title Loose Change)
(composer sideman)
(comments Two-five-ones of a bar and a bar in G, E flat, D and A. Sharp keys for a change; the line turns at each bar line by a half step.)
(meter 4 4)
(key 1)
(mode major)
(tempo 140.0)
(style swing)

(part
    (type chords)
    (key 1)
)

Am7 D7b9 | GM7 | Fm7 Bb7 | EbM7 |
Em7 A7b9 | DM7 | Bm7 E7b9 | AM7 |

(part
    (type melody)
    (title Chorus 1)
    (instrument 66)
    (key 1)
    (stave treble)
)
r8 c8 d8 e8 f#8 a8 c+8 bb8
a4 b8 d+8 f#4 e4
r8 ab8 bb8 c+8 d+8 c+8 b8 ab8
g8 bb8 f4. r8 r8 b8+4
a8 g8 c#+4 bb8 a8
f#8 a8 e+8 c#+8 d+4 r4
r8 c#+8 d+8 b8 c+8 b8 g#8 f8
e8 c#8 b-8 a-8 c#4 r4

(part
    (type melody)
    (title Chorus 2)
    (instrument 66)
    (key 1)
    (stave treble)
)
g4 f#8 e8 eb8 f#8 a8 bb8
b8 d+8 g+4 f#+8 e+8 d+8 c+8+4
bb8 ab8 b8 c+8 d+8 f+8
eb+4 r8 d+8 c+8 bb8 g4
r8 e8 f#8 g8 bb8/3 a8/3 g8/3 f8 e8
f#4 e8 f#8 a4 b4
d+8 c#+8 b8 a8 g#8 a8 b8 c+8
c#+4 b8 e8 a4 r4
