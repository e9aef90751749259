(title Four Suspensions)
(meter 4 4)
(key 0)
(mode major)
(tempo 126.0)
(style latin)
(part
    (type chords)
    (key 0)
)

D9sus4 | / | / | / |
F9sus4 | / | / | / |
Eb9sus4 | / | / | / |
C9sus4 | / | G9sus4 | A7sus4 |
