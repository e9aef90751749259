"""Options for the band and the arrangement."""

from __future__ import annotations

from pathlib import Path

from sideman.cli.options import option, styles, together

# Importing `sideman.band.styles` would load NumPy to show the help.
_STYLES = sorted(path.stem for path in Path(__file__).parents[1].glob("band/styles/*.toml"))

options = together(
    option(
        "--style",
        metavar="NAME_OR_FILE",
        shell_complete=styles,
        default_text="the tune's style",
        help=f"Style of the band: {', '.join(_STYLES)}, or a .toml file.",
    ),
    option(
        "--swing",
        type=float,
        metavar="RATIO",
        default_text="as measured of players at this tempo",
        help="Length of on-beat eighths divided by that of off-beat eighths: 1 is even, 2 is "
        "triplets.",
    ),
    option("--count-in", is_flag=True, help="Start with a count-in on the drums."),
    option("--intro", is_flag=True, help="Start with four bars of the rhythm section."),
    option(
        "--head/--no-head",
        default=True,
        help="Play the tune before and after the solo, where its melody is known.",
    ),
    option("--fours", is_flag=True, help="Trade fours with the drums in the last chorus."),
    option(
        "--ending/--no-ending",
        default=True,
        help="End with a ritardando into a held chord.",
    ),
)
