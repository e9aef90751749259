"""Model cards, made from model files."""

import json
from pathlib import Path

import numpy as np
import pytest

from commands import call, sentence
from sideman.models import file
from sideman.service import cards
from sideman.service.requests import File


@pytest.mark.parametrize("name", file.names())
def test_every_model_that_comes_with_sideman_has_a_card(name: str) -> None:
    shown = call("inspect", name, "--card")
    assert (shown.returncode, shown.stderr) == (0, "")
    sections = [line for line in shown.stdout.splitlines() if line.startswith("## ")]
    assert sections[0] == "## Use"
    assert sections[-2:] == ["## Licence", "## Limits"]
    assert f"# Model card: `{name}`" in shown.stdout
    assert f'"{name}"' in shown.stdout
    facts = json.loads(call("inspect", name, "--card", "--json").stdout)
    assert facts["bytes"] == len(file.shipped(name).data)
    assert facts["ships"]


def test_what_training_stored_is_in_the_card(tmp_path: Path) -> None:
    shipped = file.shipped("course")
    content = file.parse(shipped.data, shipped.name)
    training = dict(content.training) | {"losses": [3.5, 2.25], "note": "a|b"}
    mine = file.dumps(
        file.ModelFile(
            content.kind,
            content.config,
            content.vocabulary,
            content.weights,
            "abc",
            training,
            content.versions,
        )
    )
    path = tmp_path / "mine.safetensors"
    path.write_bytes(mine)
    out = tmp_path / "CARD.md"
    assert call("inspect", path, "--card", "--out", out).stdout == f"{out}\n"
    text = out.read_text()
    assert "| epoch | training |\n| --- | --- |\n| 1 | 3.5000 |\n| 2 | 2.2500 |" in text
    assert r"| note | a\|b |" in text
    assert "fingerprint `abc`" in text
    assert "does not say under which licence" in text
    weights = sum(np.asarray(array).size for array in content.weights.values())
    assert f"| parameters | {weights} |" in text
    assert call("inspect", path, "--card", "--out", out).returncode == 0  # an earlier card
    other = tmp_path / "take.mid"
    other.write_bytes(b"MThd")
    assert "let the name end in .md" in sentence(call("inspect", path, "--card", "--out", other))
    assert other.read_bytes() == b"MThd"


def test_losses_of_several_networks() -> None:
    losses = cards._losses(
        {"losses": {"ioi": [1.0, 0.5]}, "held_out_losses": {"ioi": [2, 1]}, "epochs": 2}
    )
    assert losses == {"ioi": {"losses": [1.0, 0.5], "held_out": [2.0, 1.0]}}
    assert cards._losses({"losses": "no list"}) == {}


def test_wrong_input_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd")
    (tmp_path / "a.safetensors").write_bytes(b"broken")
    assert "is no model" in sentence(call("inspect", tmp_path / "a.mid", "--card"))
    assert "not a safetensors file" in sentence(
        call("inspect", tmp_path / "a.safetensors", "--card")
    )
    assert "whole model" in sentence(call("inspect", "course", "--card", "--beats", "1:2"))
    refused = call("inspect", tmp_path / "a.mid", "--card", "--out", tmp_path / "a.mid")
    assert "is the file that is read" in sentence(refused)
    assert cards.card(File("c.grammar", file.shipped("cfg").data)).data["ships"] is False
