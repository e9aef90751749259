"""The reference of the command line is what the commands say of themselves."""

import importlib.util
from pathlib import Path

import click

from sideman.cli import COMMANDS, command_line

DOCS = Path(__file__).parent.parent / "docs"


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
