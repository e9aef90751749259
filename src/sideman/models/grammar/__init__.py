"""The jazz grammar: a solo as tokens that describe each note by its function over the chord.

:mod:`~sideman.models.grammar.tokens`
    ``Token(kind, duration, bracket)``, ``Token.parse``, ``str(token)``; ``parse`` and ``join``
    for a whole line.  Durations are ticks.
:mod:`~sideman.models.grammar.harmony`
    ``of_chord(chord)`` and (the course's) ``of_voicing(pitches)``: the kind of each pitch class.
:mod:`~sideman.models.grammar.analyse`
    ``analyse(notes, changes)`` and ``analyse_solo(solo)`` → ``BarTokens(bar, tokens)`` for every
    bar.  Gaps are ``R`` tokens, notes are cut at bar lines, every bar is filled exactly.
:mod:`~sideman.models.grammar.realise`
    ``candidates(token, chord, previous, low, high)`` → the legal pitches, for a sampler's mask;
    ``choose(token, chord, previous, low, high, rng)`` → one of them (``weighted_candidates`` gives
    the weights, ``pick`` draws);
    ``realise(tokens, changes, rng, low=, high=, start=, previous=)`` → notes.

``VERSION`` changes when the meaning of tokens changes; model files contain it.
"""

VERSION = 1
