(title Two-Five-Ones in Minor)
(meter 4 4)
(key -3)
(mode minor)
(tempo 126.0)
(style swing)
(part
    (type chords)
    (key -3)
)

(section (style) (label A))
Dm7b5 | G7b9 | Cm6 | / |
Cm7b5 | F7b9 | Bbm6 | / |
Bbm7b5 | Eb7b9 | Abm6 | / |
G#m7b5 | C#7b9 | F#m6 | / |
F#m7b5 | B7b9 | Em6 | / |
Em7b5 | A7b9 | Dm6 | / |

(section (style) (label B))
Ebm7b5 | Ab7b9 | C#m6 | / |
C#m7b5 | F#7b9 | Bm6 | / |
Bm7b5 | E7b9 | Am6 | / |
Am7b5 | D7b9 | Gm6 | / |
Gm7b5 | C7b9 | Fm6 | / |
Fm7b5 | Bb7b9 | Ebm6 | / |
