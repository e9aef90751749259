(title Lamplight)
(meter 4 4)
(key -3)
(mode major)
(tempo 66.0)
(style ballad)
(part
    (type chords)
    (key -3)
)

(section (style) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Gm7 C7b9 | Fm7 Bb7 |

(section (style) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Fm7 Bb7 | Eb6 |

(section (style) (label B))
Am7 D7 | GM7 Em7 | Am7 D7 | GM7 |
Gm7 C7 | FM7 Dm7 | Fm7 | Bb7sus4 Bb7 |

(section (style) (label A))
EbM7 Cm7 | Fm7 Bb7 | Gm7b5 C7b9 | Fm7 Bb7 |
EbM7 / Bbm7 Eb7 | AbM7 Db7 | Fm7 Bb7 | Eb6 |
