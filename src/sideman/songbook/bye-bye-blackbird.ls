(title Bye Bye Blackbird)
(composer Ray Henderson)
(year 1926)
(meter 4 4)
(key -1)
(tempo 144.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
F6 | Gm7 C7 | F6 | / |
F6/A | Abo7 | Gm7 | C7 |

(section (style) (label B))
Gm7 | GmM7 | Gm7 | C7 |
Gm7 | C7 | F6 | / |

(section (style) (label C))
F7 | E7 | Eb7 | D7 |
Gm7 | / | Gm7b5 | C7 |

(section (style) (label A))
F6 | Gm7 C7 | F6 | Am7b5 D7b9 |
Gm7 | C7 | F6 | Gm7 C7 |
