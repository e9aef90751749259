"""Evaluation of models and lines: likelihood, statistics, novelty.

:mod:`~sideman.evaluation.loading`
    solos and events from files, parts of a split, fingerprints of a corpus.
:mod:`~sideman.evaluation.likelihood`
    nats a note of any model on held-out solos, and paired comparisons: the benchmark.
:mod:`~sideman.evaluation.style`
    statistics of lines, to compare with those of real players.
:mod:`~sideman.evaluation.distance`
    overlap and divergence of two sets of lines.
:mod:`~sideman.evaluation.novelty`
    matches of a line with a corpus.
:mod:`~sideman.evaluation.uptake`
    what a line takes up of a phrase.
"""
