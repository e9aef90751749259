"""``sideman say``: names from a letter model."""

from __future__ import annotations

import secrets

import click

from sideman.cli import options
from sideman.cli.options import argument, option


@click.command("say")
@argument("model", metavar="MODEL")
@option(
    "--count", type=click.IntRange(1, 100_000), default=10, metavar="N", help="Number of names."
)
@options.seed()
@option(
    "--temperature",
    type=float,
    default=0.8,
    metavar="X",
    help="Randomness: 0 always takes the most likely letter, more is bolder.",
)
@option(
    "--prefix",
    "begin",
    aliases=("--begin",),
    default="",
    show_default=False,
    metavar="TEXT",
    help="Start of every name, such as Ty.",
)
def command(model: str, count: int, seed: int | None, temperature: float, begin: str) -> None:
    """Generate names with a letter model.

    MODEL is a file written by: sideman train names.txt --model-kind letters --out MODEL.  The names
    go to standard output, one per line; the number of new ones goes to standard error.
    """
    import os

    from numpy.random import default_rng

    from sideman.models import file, letters, sampler
    from sideman.models.controls import Controls

    path = file.locate(model, ())
    speaker = letters.from_file(file.read(path), os.fspath(path))
    controls = Controls(temperature=temperature)
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    rng = default_rng(chosen)
    said = []
    for _ in range(count):
        name = speaker.begin(begin)
        sampler.finish(name, rng=rng, controls=controls)
        click.echo(name.text)
        said.append(name.text)
    new = sum(map(speaker.is_new, said))
    click.echo(f"{new} of {count} are not in the list that it learnt from; seed {chosen}", err=True)
