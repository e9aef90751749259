"""The command line as a whole: quick, honest about itself, quiet when it is left."""

import io
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete

import databases
from commands import call, run, seconds, sentence
from playing import small_model_file
from sideman import terminal
from sideman.cli import COMMANDS, command_line, main
from sideman.errors import MusicError

HEAVY = ("numpy", "keras", "jax", "torch", "tensorflow", "matplotlib", "mido", "soundfile")


def test_help_is_there_at_once_and_names_every_command() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert all(name in result.stdout for name in COMMANDS)
    assert min(seconds("--help") for _ in range(5)) < 0.2


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["improvise", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys, sideman.cli\n"
        "try: sideman.cli.main(sys.argv[1:])\n"
        "except SystemExit: print('LOADED', *sorted(sys.modules))"
    )
    command = [sys.executable, "-c", program, *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    loaded = output.partition("LOADED")[2].split()
    assert loaded
    assert not {name for name in loaded if name.split(".")[0] in HEAVY}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_of_itself_what_the_list_says(name: str) -> None:
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    assert command.get_short_help_str(limit=1000) == COMMANDS[name][1]


def test_unknown_commands_and_options_exit_with_two() -> None:
    for arguments in (["impovise"], ["improvise"], ["--unknown"], ["improvise", "--unknown"]):
        result = run(*arguments)
        assert result.returncode == 2
        assert result.stdout == ""
        assert "Error:" in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (MusicError("Bar 3 is wrong; mend it."), 2, "sideman: Bar 3 is wrong; mend it.\n"),
        (KeyboardInterrupt(), 130, "sideman: interrupted\n"),
        (MemoryError(), 2, "sideman: out of memory; give smaller input.\n"),
        (
            OSError(28, "No space left on device", "/a/b"),
            2,
            "sideman: /a/b: no space left on device; check the name, or make room.\n",
        ),
    ],
)
def test_what_stops_a_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    code: int,
    words: str,
) -> None:
    @click.command("broken")
    def broken() -> None:
        raise raised

    monkeypatch.setattr(type(command_line), "get_command", lambda *_: broken)
    with pytest.raises(SystemExit) as leaving:
        main(["broken"])
    assert leaving.value.code == code
    assert capsys.readouterr().err.lstrip() == words  # after ^C the line is begun anew


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_leaves_with_130_and_no_half_file(tmp_path: Path) -> None:
    program = (
        "import sys, time, sideman.files as files, sideman.cli as cli, click\n"
        "@click.command('slow')\n"
        "def slow():\n"
        "    with files.writing_whole(sys.argv[1]) as path:\n"
        "        path.write_text('half')\n"
        "        print('ready', flush=True)\n"
        "        time.sleep(600)\n"
        "type(cli.command_line).get_command = lambda *_: slow\n"
        "cli.main(['slow'])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.mid")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.strip() == "sideman: interrupted"
    assert list(tmp_path.iterdir()) == []


def _console_script() -> str:
    """The program of the installed command, as pyproject.toml names it."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    module, name = project["project"]["scripts"]["sideman"].split(":")
    return f"import sys; from {module} import {name}; sys.exit({name}())"


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("start", [("-m", "sideman"), ("-c", _console_script())])
def test_ctrl_c_during_imports_is_quiet(start: tuple[str, ...], tmp_path: Path) -> None:
    """The interrupt comes while click is imported."""
    (tmp_path / "click.py").write_text("import signal; signal.raise_signal(signal.SIGINT)")
    result = subprocess.run(
        [sys.executable, *start, "--help"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (130, "sideman: interrupted\n")


SUBSETS = {
    "evaluate": ("{}", "--model", "unigram"),
    "export": ("{}",),
    "match": ("{}", "--against", "{}"),
    "measure": ("{}",),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subset_without_a_split_is_refused(name: str, tmp_path: Path) -> None:
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    assert (name in SUBSETS) == any("--subset" in one.opts for one in command.params)
    if name in SUBSETS:
        path = databases.build(tmp_path / "wjazzd.db", {"a": [(1, 1, 1, 1, 60.0, 1.0)]})
        words = [str(path) if word == "{}" else word for word in SUBSETS[name]]
        said = sentence(call(name, *words, "--subset", "train"))
        assert "add --split wjazzd" in said
        assert said.endswith("(option --subset)")
        assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_text_is_refused_as_an_option(name: str) -> None:
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    arguments = [
        one.type.choices[0] if isinstance(one.type, click.Choice) else "x"
        for one in command.params
        if isinstance(one, click.Argument) and one.required
    ]
    texts = [
        one.opts[0]
        for one in command.params
        if isinstance(one, click.Option) and isinstance(one.type, click.types.StringParamType)
    ]
    for option in texts:
        said = sentence(call(name, *arguments, option, ""))
        assert said == f"sideman: This is empty; write a text, or leave this out. (option {option})"


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_text_is_refused_as_an_argument(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = command_line.get_command(click.Context(command_line), name)
    assert command is not None
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    needed = [
        text
        for one in command.params
        if isinstance(one, click.Option) and one.required
        for text in (one.opts[0], "x")
    ]
    for empty in arguments:
        texts = ["" if one is empty else "x" for one in arguments]
        if isinstance(empty.type, click.Choice):
            continue
        given = [
            one.type.choices[0] if isinstance(one.type, click.Choice) else text
            for one, text in zip(arguments, texts, strict=True)
        ]
        said = sentence(call(name, *needed, *given))
        label = empty.human_readable_name.strip("[].")
        assert said == f"sideman: {label} is empty; write a name, or see sideman {name} --help."
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "words",
    [["--help"], ["list", "tunes", "--json"], ["inspect", "wjazzd.db", "--check", "--json"]],
)
def test_a_closed_pipe_ends_a_command_quietly(words: list[str], tmp_path: Path) -> None:
    databases.build(tmp_path / "wjazzd.db", {"a": [(1, 1, 1, 1, 60.0, 1.0)]})
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "sideman", *words]
    result = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, "")


def test_playing_loads_no_training_framework(tmp_path: Path) -> None:
    program = (
        "import sys, sideman.cli\n"
        "try: sideman.cli.main(sys.argv[1:])\n"
        "except SystemExit: print('LOADED', *sorted(sys.modules))"
    )
    options = ["--out", str(tmp_path), "--model", str(small_model_file(tmp_path)), "--no-audio"]
    command = [sys.executable, "-c", program, "improvise", "blues-f", *options]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in output.partition("LOADED")[2].split()}
    assert "numpy" in loaded
    assert not loaded & {*HEAVY} - {"numpy"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.skipif(os.name == "nt", reason="plain on Windows")
@pytest.mark.parametrize(
    ("terminal_", "variables", "printed"),
    [
        (True, {}, "\x1b[1ma.mid\x1b[0m  told \\x1b[31m\n"),
        (True, {"NO_COLOR": ""}, "a.mid  told \\x1b[31m\n"),
        (True, {"TERM": "dumb"}, "a.mid  told \\x1b[31m\n"),
        (False, {}, "a.mid  told \n"),
    ],
)
def test_colours_are_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal_: bool, variables: dict[str, str], printed: str
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    stream = _Terminal() if terminal_ else io.StringIO()
    monkeypatch.setattr(sys, "stdout", terminal._Stream(stream))
    terminal.named("a.mid", "  told \x1b[31m")
    assert stream.getvalue() == printed


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("improvise --cycle min", "plain,minor-thirds"),
        ("practice take.mid --cycle f", "plain,fifths"),
        ("improvise blues-f --font h", "plain,handwritten"),
        ("convert bl", "plain,blues-f"),
        ("convert other", "file,other"),
        ("trade take.mid --changes rh", "plain,rhythm-changes-bb"),
        ("improvise blues-f --style bos", "plain,bossa"),
        ("export --what e", "plain,events"),
        ("licks take.mid --changes blu", "plain,blues-f"),
        ("compare take.mid mi", "file,mi"),
        ("vary take.mid --model so", "plain,soloist"),
        ("inspect cf", "plain,cfg"),
        ("inspect rh", "plain,rhythm-changes-bb"),
        ("inspect wjazzd.db --che", "plain,--check"),
    ],
)
def test_the_shell_completes_names_or_files(words: str, offered: str) -> None:
    *before, begun = words.split()
    shell = BashComplete(command_line, {}, "sideman", "_SIDEMAN_COMPLETE")
    found = [f"{one.type},{one.value}" for one in shell.get_completions(before, begun)]
    assert offered in found
