"""Models of harmony: what a progression of chords is made of, and how it goes on.

:mod:`~sideman.models.harmony.bricks`
    idioms of jazz harmony, such as a cadence or a turnaround, found in changes;
:mod:`~sideman.models.harmony.alphabet`
    changes as symbols, by key or by interval, and symbols as chords;
:mod:`~sideman.models.harmony.places`, :mod:`~sideman.models.harmony.memory`
    where changes begin in a form; what the tune itself says of the next one;
:mod:`~sideman.models.harmony.model`, :mod:`~sideman.models.harmony.learning`
    the probability of the next change; how it is learnt from tunes;
:mod:`~sideman.models.harmony.substitutions`
    chords that stand for each other, induced from tunes;
:mod:`~sideman.models.harmony.keys`
    the key of changes that name none;
:mod:`~sideman.models.harmony.rhythm`, :mod:`~sideman.models.harmony.generating`
    how long chords stay; writing changes over a form or under a melody;
:mod:`~sideman.models.harmony.analysis`
    local keys and functions of changes;
:mod:`~sideman.models.harmony.reharmonizing`
    new chords by rules, priced in bits.
"""
