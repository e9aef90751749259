"""The course's model: an LSTM over a jazz grammar's tokens, which name a note's function.

:mod:`~sideman.models.course.network`
    the soloist; :mod:`~sideman.models.course.scoring` gives the likelihood of notes.
:mod:`~sideman.models.course.tokens`
    ``Token(kind, duration, bracket)``, ``Token.parse``, ``str(token)``; ``parse`` and ``join``
    for a whole line.  Durations are ticks.
:mod:`~sideman.models.course.harmony`
    ``of_chord(chord)`` and (the course's) ``of_voicing(pitches)``: the kind of each pitch class.
:mod:`~sideman.models.course.analyse`
    ``analyse(notes, changes)`` and ``analyse_solo(solo)`` → ``BarTokens(bar, tokens)`` for every
    bar.  Gaps are ``R`` tokens, notes are cut at bar lines, every bar is filled exactly.
:mod:`~sideman.models.course.realise`
    ``candidates(token, chord, previous, low, high)`` → the legal pitches, for a sampler's mask;
    ``choose(token, chord, previous, low, high, rng)`` → one of them (``weighted_candidates`` gives
    the weights, ``pick`` draws);
    ``realise(tokens, changes, rng, low=, high=, start=, previous=)`` → notes.

``VERSION`` changes when the meaning of tokens changes; model files contain it.
"""

VERSION = 1
