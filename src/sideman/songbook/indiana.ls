(title (Back Home Again in) Indiana)
(composer James F. Hanley)
(year 1917)
(meter 4 4)
(key -1)
(tempo 200.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
F6 | D7 | G7 | / |
Gm7 | C7 | F6 | Cm7 F7 |

(section (style) (label B))
Bb6 | Bbm6 | F6 | D7 |
G7 | / | Gm7 | C7 |

(section (style) (label A))
F6 | D7 | G7 | / |
A7 | / | Dm7 | A7 |

(section (style) (label C))
Dm7 | A7 | Dm7 | Abo7 |
Am7 D7 | Gm7 C7 | F6 | Gm7 C7 |
