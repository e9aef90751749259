(title Phrase)
(meter 4 4)
(key -1)
(tempo 140)
 F7 | Bb7 |
 r8 c8 eb8 f8 g8 ab8 f8 eb8 d8 eb8 e8 f8 gb8 g8 ab8 a8
