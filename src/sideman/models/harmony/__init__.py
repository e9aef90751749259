"""Models of harmony: the structure of chord progressions, and the probability of the next chord.

:mod:`~sideman.models.harmony.bricks`
    idioms of jazz harmony, such as a cadence or a turnaround, found in changes;
:mod:`~sideman.models.harmony.alphabet`
    changes as symbols, by key or by interval, and symbols as chords;
:mod:`~sideman.models.harmony.places`, :mod:`~sideman.models.harmony.memory`
    metrical positions of changes in a form; prediction from repetition within a tune;
:mod:`~sideman.models.harmony.model`, :mod:`~sideman.models.harmony.learning`
    the probability of the next change; its estimation from tunes;
:mod:`~sideman.models.harmony.substitutions`
    chords that stand for each other, induced from tunes;
:mod:`~sideman.models.harmony.keys`
    estimation of the key of changes;
:mod:`~sideman.models.harmony.rhythm`, :mod:`~sideman.models.harmony.generating`
    harmonic rhythm; generation of changes over a form or under a melody;
:mod:`~sideman.models.harmony.analysis`
    local keys and functions of changes;
:mod:`~sideman.models.harmony.reharmonizing`
    rewriting of changes by rules, each step priced in bits.
"""
