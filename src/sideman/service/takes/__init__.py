"""Working with a take: a solo that was played before, and what is to become of it.

:mod:`~sideman.service.takes.performer`
    a soloist on an instrument at a tempo, who plays every line;
:mod:`~sideman.service.takes.reading`
    reads a take or a phrase from a file;
:mod:`~sideman.service.takes.settling`
    says what stays: bars, the rhythm, the contour, a phrase to go on from;
:mod:`~sideman.service.takes.varying`
    variations of a take;
:mod:`~sideman.service.takes.licks`
    its phrases, through the twelve keys;
:mod:`~sideman.service.takes.trading`
    answers a phrase.
"""
