"""Every command, option and choice of version 0.1 is still accepted; hidden options count.

New commands and options need no change of the facts, except where one takes the place of another:
``python tests/frozen/renew.py options`` adds them.
"""

from typing import Any

import pytest

from frozen import facts

FROZEN = facts.stored("options")
NOW = facts.option_facts()
# A file's path and a text are both one word on the command line.
FAMILIES = {"path": "text", "integer range": "integer", "float range": "float"}


def family(option: dict[str, Any]) -> str:
    """Name what an option takes."""
    kind: str = option["type"]
    return FAMILIES.get(kind, kind)


def test_every_command_is_there() -> None:
    assert set(FROZEN) <= set(NOW)


@pytest.mark.parametrize("name", FROZEN)
def test_arguments_are_the_same(name: str) -> None:
    now, frozen = NOW[name]["arguments"], FROZEN[name]["arguments"]
    assert [one["nargs"] for one in now] == [one["nargs"] for one in frozen]
    # What was required may have become optional.
    assert all(
        before["required"] or not after["required"]
        for after, before in zip(now, frozen, strict=True)
    )


@pytest.mark.parametrize("name", FROZEN)
def test_every_old_option_is_there(name: str) -> None:
    now = {
        spelling: option
        for option in NOW[name]["options"]
        for spelling in (*option["names"], *option.get("off", ()))
    }
    for frozen in FROZEN[name]["options"]:
        for spelling in (*frozen["names"], *frozen.get("off", ())):
            assert spelling in now, spelling
            option = now[spelling]
            assert family(option) == family(frozen), spelling
            assert option.get("flag") == frozen.get("flag"), spelling
            assert option.get("multiple") == frozen.get("multiple"), spelling
            assert set(option.get("choices", ())) >= set(frozen.get("choices", ())), spelling


@pytest.mark.parametrize("name", FROZEN)
def test_no_further_option_is_required(name: str) -> None:
    def required(options: list[dict[str, Any]]) -> set[str]:
        return {option["names"][0] for option in options if option.get("required")}

    assert required(NOW[name]["options"]) <= required(FROZEN[name]["options"])


@pytest.mark.parametrize("name", FROZEN)
def test_every_old_spelling_is_parsed(name: str) -> None:
    command = next(command for called, command, _ in facts.commands() if called == name)
    if name == "sideman":
        return
    words = ["word" for argument in FROZEN[name]["arguments"] if argument["required"]]
    given = {
        option["names"][0]: [option["names"][0], "word"]
        for option in FROZEN[name]["options"]
        if option.get("required")
    }
    for option in FROZEN[name]["options"]:
        others = [
            word for key, value in given.items() if key not in option["names"] for word in value
        ]
        for spelling in facts.spellings(option):
            if "--help" not in option["names"]:
                command.make_context(name, [*words, *others, *spelling])
