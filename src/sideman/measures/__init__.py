"""How good a model or a line is: likelihood, style, novelty.

:mod:`~sideman.measures.loading`
    solos and events from files, parts of a split, fingerprints of what was measured.
:mod:`~sideman.measures.likelihood`
    nats a note of any model on held-out solos, and paired comparisons: the benchmark.
:mod:`~sideman.measures.style`
    statistics of lines beside those of real players.
:mod:`~sideman.measures.distance`
    how alike two sets of lines are.
:mod:`~sideman.measures.novelty`
    what a line has copied from a corpus.
"""
