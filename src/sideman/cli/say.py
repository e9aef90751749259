"""``sideman say``: names from a model that learnt names."""

from __future__ import annotations

import secrets

import click


@click.command("say")
@click.argument("model", metavar="MODEL")
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=10,
    show_default=True,
    help="How many names.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Where chance begins: the same seed gives the same names.  [default: a new one each time]",
)
@click.option(
    "--temperature",
    type=float,
    default=0.8,
    show_default=True,
    help="0 says the likeliest name always; higher is bolder.",
)
@click.option("--begin", default="", metavar="TEXT", help="How every name begins, such as Ty.")
def command(model: str, count: int, seed: int | None, temperature: float, begin: str) -> None:
    """Say names that a model makes up.

    MODEL is a file made by: sideman train names.txt --model-kind letters --out MODEL.  The names go
    to the output one a line; how many of them are new is told beside it.
    """
    import os

    from numpy.random import default_rng

    from sideman.models import file, letters, sampler
    from sideman.models.controls import Controls

    path = file.locate(model)
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
