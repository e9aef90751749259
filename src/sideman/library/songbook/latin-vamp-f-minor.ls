(title Market Street Vamp)
(meter 4 4)
(key -4)
(mode minor)
(tempo 184.0)
(style latin)
(part
    (type chords)
    (key -4)
)

(section (style) (label A))
Fm7 | Bb7 | Fm7 | Bb7 |
Fm7 | Bb7 | Fm7 | Gm7b5 C7b9 |

(section (style) (label B))
DbM7 | / | C7#9 | / |
DbM7 | / | Gm7b5 | C7b9 |
