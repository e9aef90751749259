"""Write the reference of the command line from the commands' own help.

python docs/reference.py > docs/commands.md
"""

import click

from sideman.cli import COMMANDS, command_line


def reference() -> str:
    """Return ``docs/commands.md``: every command's ``--help``, 80 columns wide."""
    context = click.Context(
        command_line, info_name="sideman", terminal_width=80, **command_line.context_settings
    )
    pages = ["# Commands\n\nMade from `--help` by `make docs`.\n"]
    for name in COMMANDS:
        command = command_line.get_command(context, name)
        assert command is not None
        inside = click.Context(command, info_name=name, parent=context, terminal_width=80)
        pages.append(f"## sideman {name}\n\n```\n{command.get_help(inside)}\n```\n")
    return "\n".join(pages)


if __name__ == "__main__":
    print(reference(), end="")
