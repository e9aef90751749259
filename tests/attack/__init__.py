"""Mutated files against every reader: see ``docs/reliability.md``.

::

    python -m attack                     ten minutes for each reader, findings in attack-findings/
    python -m attack midi --minutes 1    one reader
    python -m attack --kills 100         kill each of four commands a hundred times, too
    python -m attack --replay FILE       one finding again
"""
