"""Mutated files against every reader: see ``docs/reliability.md``.

::

    python -m attack                     ten minutes for each reader, findings in attack-findings/
    python -m attack midi --minutes 1    one reader
    python -m attack --replay FILE       one finding again
"""
