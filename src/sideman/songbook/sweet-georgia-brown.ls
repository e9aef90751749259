(title Sweet Georgia Brown)
(composer Ben Bernie and Maceo Pinkard)
(year 1925)
(meter 4 4)
(key -4)
(tempo 208.0)
(style swing)
(part
    (type chords)
    (key -4)
)

(section (style) (label A))
F7 | / | / | / |
Bb7 | / | / | / |

(section (style) (label B))
Eb7 | / | / | / |
Ab6 | Bbm7 Eb7 | Ab6 | Gm7b5 C7 |

(section (style) (label A))
F7 | / | / | / |
Bb7 | / | / | / |

(section (style) (label C))
Fm7 | C7 | Fm7 | C7 |
Ab6 F7 | Bb7 Eb7 | Ab6 | Gm7b5 C7 |
