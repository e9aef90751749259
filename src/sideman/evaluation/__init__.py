"""How good a model or a line is: likelihood, style, novelty.

:mod:`~sideman.evaluation.loading`
    solos and events from files, parts of a split, fingerprints of what was measured.
:mod:`~sideman.evaluation.likelihood`
    nats a note of any model on held-out solos, and paired comparisons: the benchmark.
:mod:`~sideman.evaluation.style`
    statistics of lines beside those of real players.
:mod:`~sideman.evaluation.distance`
    how alike two sets of lines are.
:mod:`~sideman.evaluation.novelty`
    what a line has copied from a corpus.
"""
