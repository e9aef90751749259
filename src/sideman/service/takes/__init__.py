"""Takes, solos that were played before, and what is derived from them.

:mod:`~sideman.service.takes.performer`
    a soloist with its instrument and tempo, which plays every line;
:mod:`~sideman.service.takes.reading`
    reads a take or a phrase from a file;
:mod:`~sideman.service.takes.settling`
    what is kept: bars, the rhythm, the contour, a phrase to begin with;
:mod:`~sideman.service.takes.varying`
    variations of a take;
:mod:`~sideman.service.takes.licks`
    its phrases, in the twelve keys;
:mod:`~sideman.service.takes.trading`
    answers to a phrase.
"""
