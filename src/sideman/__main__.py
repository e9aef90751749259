"""``python -m sideman``, and the command ``sideman``."""

from typing import NoReturn

from sideman import early


def main() -> NoReturn:
    """Run the command line (:func:`sideman.cli.main`); Ctrl-C is quiet during its imports too."""
    early.begin()
    from sideman import cli

    cli.main()


if __name__ == "__main__":
    main()
