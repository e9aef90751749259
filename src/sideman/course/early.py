"""Ctrl-C while ``python -m sideman.course`` is still importing.

Python imports the package before its ``__main__``, which therefore cannot catch an interrupt of
these imports.  Only that command is changed; a program that imports the package keeps its own
handler.
"""

from __future__ import annotations

import sys

from sideman import early

# While Python looks for the module to run, its own argument stands as -m.
if sys.argv[:1] == ["-m"] and "sideman.course" in sys.orig_argv:
    early.begin()
