(title Late Tram Bossa)
(meter 4 4)
(key 0)
(mode minor)
(tempo 136.0)
(style bossa)
(part
    (type chords)
    (key 0)
)

(section (style) (label A))
Am7 | / | Bm7b5 | E7b9 |
Am7 | D9 | Dm7 | G7 |
CM7 | FM7 | Bm7b5 | E7b9 |
Am6 | F7 | Bm7b5 | E7b9 |

(section (style) (label B))
Gm7 | C7 | FM7 | / |
Fm7 | Bb7 | EbM7 | / |
Dm7 | G7 | CM7 A7b9 | Dm7 |
Bm7b5 | E7b9 | Am6 | / |
