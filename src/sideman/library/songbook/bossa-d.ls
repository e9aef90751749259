(title Salt on the Railing)
(meter 4 4)
(key 2)
(mode major)
(tempo 128.0)
(style bossa)
(part
    (type chords)
    (key 2)
)

(section (style) (label A))
DM7 | / | E7 | / |
Em7 | A7 | F#m7 Fo7 | Em7 A7 |

(section (style) (label A))
DM7 | / | E7 | / |
Em7 | A7 | D6 | / |

(section (style) (label B))
GM7 | Gm6 | F#m7 | B7b9 |
Em7 | Gm6 | F#m7 Fo7 | Em7 A7 |

(section (style) (label A))
DM7 | / | E7 | / |
Em7 | A7 | D6 | Em7 A7 |
