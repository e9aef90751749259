(title St. Louis Blues)
(composer W. C. Handy)
(year 1914)
(meter 4 4)
(key 1)
(tempo 112.0)
(style swing)
(part
    (type chords)
    (key 1)
)

(section (style) (label A))
G7 | C7 | G7 | / |
C7 | / | G7 | / |
D7 | C7 | G7 | D7 |

(section (style latin) (label B))
Gm6 | / | D7 | / |
/ | / | Gm6 | / |
Gm6 | / | D7 | / |
/ | / | Gm6 | D7 |

(section (style swing) (label C))
G7 | / | / | / |
C7 | / | G7 | / |
D7 | / | G7 C7 | G7 D7 |
