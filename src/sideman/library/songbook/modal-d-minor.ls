(title Two Minor Modes)
(meter 4 4)
(key -1)
(mode minor)
(tempo 138.0)
(style swing)
(part
    (type chords)
    (key -1)
)

(section (style) (label A))
Dm7 | / | / | / |
/ | / | / | / |

(section (style) (label A))
Dm7 | / | / | / |
/ | / | / | / |

(section (style) (label B))
Ebm7 | / | / | / |
/ | / | / | / |

(section (style) (label A))
Dm7 | / | / | / |
/ | / | / | / |
