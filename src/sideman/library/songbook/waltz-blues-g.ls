(title Waltz Blues in G)
(meter 3 4)
(key 1)
(mode major)
(tempo 160.0)
(style waltz)
(part
    (type chords)
    (key 1)
)

G7 | / | C7 | / |
G7 | / | Dm7 | G7 |
C7 | / | C#o7 | / |
G7/D | / | Bm7b5 | E7b9 |
Am7 | / | D7 | / |
G7 | E7#9 | Am7 | D7 |
