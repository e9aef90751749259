(title Rhythm Changes in Bb)
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

(section (style) (label A))
Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
Fm7 Bb7 | Eb6 Ab7 | Cm7 F7 | Bb6 |

(section (style) (label B))
D7 | / | G7 | / |
C7 | / | F7 | / |

(section (style) (label A))
Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 |
Fm7 Bb7 | Eb6 Ab7 | Cm7 F7 | Bb6 |
