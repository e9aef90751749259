(title Two-Five-Ones in Major)
(meter 4 4)
(key 0)
(mode major)
(tempo 132.0)
(style swing)
(part
    (type chords)
    (key 0)
)

(section (style) (label A))
Dm7 | G7 | CM7 | / |
Cm7 | F7 | BbM7 | / |
Bbm7 | Eb7 | AbM7 | / |
Abm7 | Db7 | GbM7 | / |
F#m7 | B7 | EM7 | / |
Em7 | A7 | DM7 | / |

(section (style) (label B))
Ebm7 | Ab7 | DbM7 | / |
C#m7 | F#7 | BM7 | / |
Bm7 | E7 | AM7 | / |
Am7 | D7 | GM7 | / |
Gm7 | C7 | FM7 | / |
Fm7 | Bb7 | EbM7 | / |
