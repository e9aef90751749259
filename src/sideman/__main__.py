"""``python -m sideman`` is the command ``sideman``."""

from sideman.cli import main

main()
