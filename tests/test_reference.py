"""The reference of the command line is what the commands say of themselves."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from commands import call, sentence
from sideman.band.arranging import Plan
from sideman.cli import COMMANDS, command_line
from sideman.service.requests import PlayRequest

DOCS = Path(__file__).parent.parent / "docs"
README = DOCS.parent / "README.md"


def command_named(name: str) -> click.Command:
    """Return a command of sideman."""
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None, name
    return command


def readme_commands() -> Iterator[list[str]]:
    """Yield the words after each ``sideman`` in the README, without comments."""
    pattern = r"(?:^\$ (?:\.venv/bin/)?|`)sideman ([^`\n]+)"
    for line in re.findall(pattern, README.read_text(), re.MULTILINE):
        yield shlex.split(line, comments=True)


def shown_names(option: click.Option) -> list[str]:
    """Return the names that the help shows."""
    record = option.get_help_record(click.Context(click.Command("any")))
    return re.findall(r"--[a-z][a-z-]*", record[0]) if record else []


def test_commands_md_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "commands.md").read_text() == module.reference(), "run: make docs"


def test_every_option_is_explained() -> None:
    context = click.Context(command_line, info_name="sideman")
    for name in COMMANDS:
        command = command_line.get_command(context, name)
        assert command is not None
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"sideman {name} {parameter.opts[0]} has no help"


@pytest.mark.parametrize("words", list(readme_commands()), ids=" ".join)
def test_every_command_of_the_readme_is_parsed(words: list[str]) -> None:
    command = command_named(words[0])
    options = [one for one in command.params if isinstance(one, click.Option)]
    shown = {name for one in options for name in shown_names(one)}
    assert {word for word in words if word.startswith("--")} <= shown
    if len(words) > 2:
        command.make_context(words[0], words[1:])


def test_the_help_shows_one_name_of_an_option() -> None:
    for name in COMMANDS:
        for one in command_named(name).params:
            if isinstance(one, click.Option):
                assert shown_names(one) == [one.opts[0], *one.secondary_opts]


def test_old_names_are_parsed_as_the_new_ones() -> None:
    improvise = command_named("improvise")
    renamed = [
        one for one in improvise.params if len(one.opts) == 2 and one.opts[1].startswith("--")
    ]
    assert {"--like", "--typical", "--breath"} <= {one.opts[1] for one in renamed}
    for one in renamed:
        value = "wav" if one.name == "sound" else "1"
        new, old = (
            improvise.make_context("improvise", ["blues-f", "--out", "x", name, value]).params
            for name in one.opts
        )
        assert new == old, one.opts


def test_an_error_names_the_visible_option() -> None:
    refused = call("improvise", "blues-f", "--out", "x", "--typical", "9")
    assert sentence(refused).endswith("got 9. (option --typical-p)")


@pytest.mark.parametrize("values", [PlayRequest(), Plan()], ids=["request", "arrangement"])
def test_defaults_are_those_of_the_request(values: Any) -> None:
    improvise = command_named("improvise")
    for one in improvise.params:
        if isinstance(one, click.Option) and hasattr(values, one.name or ""):
            default = one.get_default(click.Context(improvise))
            if isinstance(default, (bool, int, float, str)):
                assert default == getattr(values, one.name or ""), one.opts


def test_the_help_of_trade_shows_the_defaults_of_trade() -> None:
    from sideman.service.takes.trading import USUAL

    said = " ".join(call("trade", "--help").stdout.split())
    for name, value in USUAL.items():
        option = said.split(f" --{name.replace('_', '-')} N ")[1]
        assert option.split("[default: ")[1].startswith(f"{value}]")
