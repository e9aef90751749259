"""Models of harmony: what a progression of chords is made of.

:mod:`~sideman.models.harmony.bricks`
    idioms of jazz harmony, such as a cadence or a turnaround, found in changes.
:mod:`~sideman.models.harmony.analysis`
    local keys and functions of changes;
:mod:`~sideman.models.harmony.reharmonizing`
    new chords by rules, priced in bits.
"""
