"""The models: how they play, how they are opened, and one module or several for each kind.

:mod:`~sideman.models.protocol`
    what a soloist, a session and a scorer are.
:mod:`~sideman.models.controls`, :mod:`~sideman.models.constraints`
    how to play, and what is fixed or forbidden.
:mod:`~sideman.models.sampler`
    from logits to a line, for every kind.
:mod:`~sideman.models.registry`
    the kinds, and :func:`~sideman.models.registry.load`.
:mod:`~sideman.models.file`
    the safetensors file of a model.
:mod:`~sideman.models.course`, :mod:`~sideman.models.letters`
    the course's network, on tokens of a jazz grammar and on letters of names; over
    :mod:`~sideman.models.lstm`.
:mod:`~sideman.models.soloist`
    the default: three LSTMs; over :mod:`~sideman.models.encoding`, :mod:`~sideman.models.motifs`,
    :mod:`~sideman.models.stepping`, :mod:`~sideman.models.soloing` and
    :mod:`~sideman.models.shaping`.
:mod:`~sideman.models.critic`
    what chooses among branches of a solo; over :mod:`~sideman.models.trees`, and
    :mod:`~sideman.models.taste` where a listener has marked takes.
:mod:`~sideman.models.ngram`
    the baseline of the benchmark.
"""
