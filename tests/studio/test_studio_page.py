"""The built page: what it needs, what it must not hold, and that it is what the sources give."""

import gzip
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "studio"
STATIC = ROOT / "src" / "sideman" / "studio" / "static"
KILOBYTE = 1000


def packed(names: set[str]) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes(), mtime=0)) for name in names)


def imported(name: str) -> set[str]:
    """Return the modules that a module imports at once, itself included."""
    text = (STATIC / name).read_text()
    found = set(re.findall(r'(?:from|import)"\./([\w.-]+\.js)"', text))
    return {name}.union(*(imported(each) for each in found))


def test_the_page_names_files_that_exist_and_has_no_style_or_script_of_its_own() -> None:
    page = (STATIC / "index.html").read_text()
    named = re.findall(r'(?:href|src)="/([^"]+)"', page)
    assert len(named) == 3
    assert all((STATIC / name).is_file() for name in named)
    assert not re.search(r"<style|\sstyle=|<script>|\son\w+=", page)


def test_the_first_paint_and_the_whole_are_small() -> None:
    page = (STATIC / "index.html").read_text()
    first = set(re.findall(r'(?:href|src)="/([^"]+)"', page))
    script = next(name for name in first if name.endswith(".js"))
    fonts = {each.name for each in STATIC.glob("*.woff2")}
    assert packed(first | imported(script) | fonts | {"index.html"}) <= 250 * KILOBYTE
    everything = {each.name for each in STATIC.iterdir()}
    assert packed(everything) <= 500 * KILOBYTE
    assert sum((STATIC / name).stat().st_size for name in everything) <= 1300 * KILOBYTE


def test_the_page_names_no_other_host() -> None:
    for each in [*STATIC.glob("app.*"), *STATIC.glob("player.*"), STATIC / "index.html"]:
        hosts = set(re.findall(r"https?://([\w.-]+)", each.read_text()))
        assert hosts <= {"www.w3.org"}, each.name


def test_the_licences_of_what_is_in_the_bundle_come_with_it() -> None:
    texts = (STATIC / "licenses.txt").read_text()
    told = (ROOT / "THIRD_PARTY.md").read_text()
    for name in ("preact", "@preact/signals", "spessasynth_core", "Archivo", "Leipzig"):
        assert re.search(rf"^{re.escape(name)}$", texts, re.MULTILINE)
        assert name in told


def test_the_bundle_is_what_the_sources_give(node: str, tmp_path: Path) -> None:
    subprocess.run([node, "build.mjs", tmp_path], cwd=SOURCES, check=True, capture_output=True)
    built = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    kept = {each.name: each.read_bytes() for each in STATIC.iterdir()}
    assert built.keys() == kept.keys()
    assert built == kept


@pytest.mark.parametrize("script", [["node_modules/typescript/bin/tsc", "--noEmit"], ["test.mjs"]])
def test_the_sources_are_well_typed_and_their_units_work(node: str, script: list[str]) -> None:
    done = subprocess.run([node, *script], cwd=SOURCES, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
