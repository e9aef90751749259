(title Turnarounds in C)
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
C6 A7 | Dm7 G7 | Em7 A7 | Dm7 G7 |

(section (style) (label B))
C6 C#o7 | Dm7 D#o7 | Em7 Ebm7 | Dm7 Db7 |

(section (style) (label C))
CM7 Eb7 | AbM7 Db7 | CM7 Eb7 | AbM7 Db7 |

(section (style) (label D))
C7 A7#9 | D7 G7b9 | Em7b5 A7b9 | Dm7 Db7#11 |
