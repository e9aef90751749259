"""The controls with which the models of this package play best (``docs/listening.md``).

They stand apart from the models so that a help text can show them without importing NumPy.
"""

from sideman.models.controls import Controls

SOLOIST = Controls(min_p=0.03, pitch=0.92, motif=1.15, breath=1, register=1, manner=1, resolve=True)
COURSE = Controls(temperature=0.9)
BY_KIND = {"soloist": SOLOIST, "course": COURSE}
"""By kind of model, the default one first."""
