"""Grammars that play, and grammars that learn: probabilistic rules from which a solo is derived.

After Robert M. Keller and David R. Morrison, "A Grammatical Approach to Automatic Improvisation",
2007, and Jon Gillick, Kevin Tang and Robert M. Keller, "Learning Jazz Grammars", 2009 and 2010; the
files are those of Impro-Visor.  Time inside a grammar is counted in *slots*, 120 to the quarter.

:mod:`~sideman.models.grammar.rules`
    rules, expressions, and a grammar as its file states it.
:mod:`~sideman.models.grammar.terminals`
    notes by kind, scale degrees, slopes: the ends of a derivation.
:mod:`~sideman.models.grammar.abstract`
    windows of a solo as abstract melodies.
:mod:`~sideman.models.grammar.features`, :mod:`~sideman.models.grammar.clusters`
    seven features of an abstract melody; clusters of windows by them.
:mod:`~sideman.models.grammar.cleaning`, :mod:`~sideman.models.grammar.chains`
    played notes on the grid of written ones; which cluster follows which, as rules.
:mod:`~sideman.models.grammar.learning`
    solos → a grammar.
:mod:`~sideman.models.grammar.reading`, :mod:`~sideman.models.grammar.writing`
    a grammar from the text of a file, and back.
:mod:`~sideman.models.grammar.productions`, :mod:`~sideman.models.grammar.deriving`
    rules compiled for choosing among them; the derivation of terminals.
:mod:`~sideman.models.grammar.tones`, :mod:`~sideman.models.grammar.playing`
    the distribution of each terminal's pitches; the soloist.
:mod:`~sideman.models.grammar.parsing`
    the most probable derivation of a given solo.
:mod:`~sideman.models.grammar.blocks`, :mod:`~sideman.models.grammar.tables`
    a grammar as a Markov chain of blocks; what is computed from these.
:mod:`~sideman.models.grammar.scoring`, :mod:`~sideman.models.grammar.fitting`
    the likelihood of solos; the weights that fit held-out solos.
:mod:`~sideman.models.grammar.describing`
    the summary of a grammar, and the entropy of its choices.
"""
