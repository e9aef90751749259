"""A jazz soloist in software.

It learns from a body of performed solos and improvises new ones over the chord changes you give
it.  The path of a note through the package::

    file ── formats.read ──▶ LeadSheet / Solo ── corpus ──▶ examples ── training ──▶ weights
    changes + weights ── improviser ──▶ Solo ── polish ──▶ Solo ── formats ──▶ file

A module imports only from floors below its own, or from its own room:
``errors files pitch meter`` · ``chord score roadmap`` · ``formats grammar polish band feel`` ·
``charts corpus models songbook`` · ``training sampling measures`` · ``improviser terminal`` ·
``cli course``.
"""

__version__ = "0.1.0"
