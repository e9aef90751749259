(title Avalon)
(composer Vincent Rose)
(year 1920)
(meter 4 4)
(key -1)
(tempo 220.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
Gm7 | C7 | Gm7 | C7 |
F6 | / | F6 | D7b9 |

(section (style) (label A))
Gm7 | C7 | Gm7 | C7 |
F6 | / | F6 | / |

(section (style) (label B))
D7 | / | / | / |
Gm7 | / | Bbm6 | / |

(section (style) (label C))
F6 | / | D7 | / |
Gm7 | C7 | F6 | / |
