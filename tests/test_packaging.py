"""What a fresh machine relies on: the lock, the two commands of the README, the licences."""

import re
import tomllib
from pathlib import Path

import sideman

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_lock_names_the_public_index_only() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    sources = {
        package["source"].get("registry", "this project")
        for package in lock["package"]
        if "registry" in package["source"] or "editable" not in package["source"]
    }
    assert sources == {"https://pypi.org/simple"}
    urls = set(re.findall(r'url = "(\w+://[^/"]+)', (ROOT / "uv.lock").read_text()))
    assert urls == {"https://files.pythonhosted.org"}


def test_one_version() -> None:
    assert PROJECT["project"]["version"] == sideman.__version__
    assert f"version: {sideman.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {sideman.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_readme_and_the_gate_use_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for file in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        named = set(re.findall(r"^(?:\$ )?make ([a-z-]+)", (ROOT / file).read_text(), re.MULTILINE))
        assert named <= targets, file
    assert {"solo", "test"} <= targets


def test_every_dependency_is_explained_and_its_licence_named() -> None:
    project = PROJECT["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    for group in PROJECT["dependency-groups"].values():
        wanted += group
    licences = (ROOT / "THIRD_PARTY.md").read_text().lower()
    decisions = (ROOT / "docs" / "decisions.md").read_text().lower()
    for requirement in wanted:
        name = re.split(r"[<>=; \[]", requirement)[0].lower()
        assert name in licences, f"{name}: name its licence in THIRD_PARTY.md"
        assert name in decisions, f"{name}: say in docs/decisions.md why it was chosen"
