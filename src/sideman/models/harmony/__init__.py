"""Models of harmony: what a progression of chords is made of.

:mod:`~sideman.models.harmony.bricks`
    idioms of jazz harmony, such as a cadence or a turnaround, found in changes.
"""
