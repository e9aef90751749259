(title Limehouse Blues)
(composer Philip Braham)
(year 1922)
(meter 4 4)
(key -4)
(mode major)
(tempo 232.0)
(style swing)
(part
    (type chords)
    (key -4)
)

(section (style) (label A))
Db9 | / | / | / |
Bb9 | / | / | / |

(section (style) (label B))
Ab6 | / | C7 | Fm7 |
Bb7 | / | Eb7 | / |

(section (style) (label A))
Db9 | / | / | / |
Bb9 | / | / | / |

(section (style) (label C))
Ab6 | F7 | Bbm7 | Dbm6 |
Ab6/Eb F7 | Bb7 Eb7 | Ab6 | / |
