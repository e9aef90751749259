"""Speed, as ratios against named rivals on the same work in one run.

    make bench                        everything
    make bench ONLY="course help"     some of it
    python benchmarks/run.py --list

Each figure is the median of several turns, ours and the rival's in alternation, so that a machine
whose speed drifts is fair to both.  Where other programs may run beside, processor time is given
too: user and system seconds of a command and of all processes that it starts.  Real material is
looked for where the tests look for it (``SIDEMAN_DATA``); what needs it is skipped, and says so,
where it is absent.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
DATA = Path(os.environ.get("SIDEMAN_DATA") or ROOT.parent / "shared" / "data")
METHENY = DATA / "metheny" / "original_metheny.mid"
COMMAND = Path(sys.executable).with_name("sideman")
PORT = HERE / "course_port.py"


@dataclass(frozen=True)
class Row:
    """One measured claim."""

    what: str
    ours: str
    rival: str
    ratio: str
    wanted: str


def seconds(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def processor(work: Callable[[], object]) -> float:
    """Return the processor time of one call."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def cost(*command: object) -> tuple[float, float]:
    """Return the wall time and the processor time of a command, its own processes included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = seconds(lambda: run(*command))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def costs_in_turns(
    ours: tuple[object, ...], rival: tuple[object, ...], turns: int
) -> tuple[list[float], list[float]]:
    """Return the medians of wall and processor time of two commands, run in alternation."""
    pairs = [(*cost(*ours), *cost(*rival)) for _ in range(turns)]
    wall, processor, other_wall, other_processor = (
        statistics.median(column) for column in zip(*pairs, strict=True)
    )
    return [wall, processor], [other_wall, other_processor]


def in_turns(ours: Callable[[], float], rival: Callable[[], float], turns: int) -> list[float]:
    """Return the medians of ours and of the rival, measured in alternation."""
    pairs = [(ours(), rival()) for _ in range(turns)]
    return [statistics.median(column) for column in zip(*pairs, strict=True)]


def run(*arguments: object, **environment: str) -> str:
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))} failed:\n{done.stderr}")
    return done.stdout


def stages(output: str) -> dict[str, float]:
    """Read ``name seconds`` lines."""
    return {
        line.split()[0]: float(line.split()[1])
        for line in output.splitlines()
        if line and line[0] != "#"
    }


def ratio(rival: float, ours: float) -> str:
    """Say how many times faster ours is."""
    return f"{rival / ours:.1f} ×"


def bench_help() -> Iterator[Row]:
    """``sideman --help``."""
    run(COMMAND, "--help")
    took = statistics.median(seconds(lambda: run(COMMAND, "--help")) for _ in range(9))
    yield Row("sideman --help", f"{took:.3f} s", "", "", "under 0.2 s")


def bench_read() -> Iterator[Row]:
    """Reading the Metheny file: bytes to notes, beside music21."""
    from sideman.formats.midi import reading

    data = METHENY.read_bytes()
    reading.parse(data, "warm")
    ours = statistics.median(seconds(lambda: reading.parse(data, "x")) for _ in range(9))
    rival = statistics.median(
        stages(run(sys.executable, PORT, "--read", METHENY))["read"] for _ in range(3)
    )
    yield Row(
        "read the Metheny file",
        f"{ours:.4f} s",
        f"music21 {rival:.2f} s",
        ratio(rival, ours),
        "≥ 50 ×",
    )


def bench_course() -> Iterator[Row]:
    """The whole course, MIDI file to MIDI file, beside the port."""
    with tempfile.TemporaryDirectory() as folder:
        ours = (sys.executable, "-m", "sideman.course", METHENY, "--out", folder)
        run(*ours)
        mine, port = costs_in_turns(
            ours, (sys.executable, PORT, METHENY, Path(folder, "port.mid")), 3
        )
    backend = os.environ.get("KERAS_BACKEND", "jax")
    for kind, one, other in zip(("wall", "processor"), mine, port, strict=True):
        yield Row(
            f"whole course, with sound, {kind} time",
            f"{one:.1f} s", f"port on {backend} {other:.1f} s (no sound)",
            ratio(other, one), "≥ 6 ×",
        )  # fmt: skip


def bench_v4() -> Iterator[Row]:
    """The course's version 4 beside version 3a, whole and training alone, for each token."""
    import numpy as np

    from sideman.course import corpus, versions
    from sideman.training.course import train_windows

    music = {
        version: corpus.load_music(METHENY, version) for version in (versions.V4, versions.V3A)
    }
    tokens, fewer = (len(one.corpus) for one in music.values())
    with tempfile.TemporaryDirectory() as folder:
        new, old = (
            (sys.executable, "-m", "sideman.course", METHENY, "--version", version.name,
             "--out", folder)
            for version in music
        )  # fmt: skip
        for command in (new, old):
            run(*command)
        both = costs_in_turns(new, old, 5)
    for kind, one, other in zip(("wall", "processor"), *both, strict=True):
        yield Row(
            f"version 4, whole course, {kind} time", f"{one:.2f} s", f"version 3a {other:.2f} s",
            f"{one / other:.2f} × its time, {one / other * fewer / tokens:.2f} × for each token",
            "≤ 1 × for each token of the solo",
        )  # fmt: skip

    def training(version: versions.Version) -> float:
        X, Y, _, _ = corpus.windows(music[version])
        spent: list[float] = []
        train_windows(
            X, Y, rng=np.random.default_rng(0), report=lambda *_: spent.append(time.process_time())
        )
        # The first ten epochs, which are reported together, come with the compiling.
        return (spent[-1] - spent[0]) / (X.shape[0] * X.shape[1] * (len(spent) - 10))

    for version in music:
        training(version)
    one, other = in_turns(lambda: training(versions.V4), lambda: training(versions.V3A), 7)
    yield Row(
        "version 4, training, processor time of a trained step", f"{one * 1e6:.2f} µs",
        f"version 3a {other * 1e6:.2f} µs", f"{one / other:.2f} × its time", "",
    )  # fmt: skip


def bench_train() -> Iterator[Row]:
    """A hundred epochs of the course's model, beside a hand-jitted JAX loop."""
    import numpy as np

    import jax_loop
    from sideman.training.course import Setup, train_windows
    from sideman.training.networks import by_equations, by_keras

    X, Y = jax_loop.windows()
    for name, network in (("by equations", by_equations), ("by Keras", by_keras)):
        compiling: list[tuple[float, float]] = []

        def ours(network: object = network, seen: list[tuple[float, float]] = compiling) -> float:
            fitted = train_windows(X, Y, rng=np.random.default_rng(0), setup=Setup(network=network))  # type: ignore[arg-type]
            seen.append((fitted.compile_seconds, 0))
            return fitted.seconds

        loops: list[float] = []

        def rival(seen: list[float] = loops) -> float:
            compile_seconds, running, _ = jax_loop.measure(X, Y)
            seen.append(compile_seconds)
            return running

        ours()
        mine, loop = in_turns(ours, rival, 5)
        yield Row(
            f"train the course's model, {name}",
            f"{mine:.2f} s (+ {statistics.median(c for c, _ in compiling):.2f} compile)",
            f"JAX loop {loop:.2f} s (+ {statistics.median(loops):.2f} compile)",
            f"{mine / loop:.2f} × its time", "≤ 1.3 ×",
        )  # fmt: skip


def bench_improvise() -> Iterator[Row]:
    """Command to MIDI, cold, beside importing the port's libraries and generating."""
    with tempfile.TemporaryDirectory() as folder:

        def ours() -> float:
            return seconds(
                lambda: run(
                    COMMAND,
                    "improvise",
                    "happy-birthday",
                    "--out",
                    folder,
                    "--seed",
                    1,
                    "--no-audio",
                )
            )

        ours()
        mine = statistics.median(ours() for _ in range(7))
        begun = time.perf_counter()
        timed = stages(run(sys.executable, PORT, METHENY, Path(folder, "port.mid")))
        whole = time.perf_counter() - begun
    importing = whole - sum(timed.values())
    rival = importing + timed["build"] + timed["predict"] + timed["generate"]
    yield Row(
        "command to MIDI", f"{mine:.2f} s", f"port: import, build, predict, generate {rival:.1f} s",
        ratio(rival, mine), "≥ 25 ×, under 1 s",
    )  # fmt: skip


def bench_arrange() -> Iterator[Row]:
    """A solo of 5 choruses of 32 bars with its band: arranging, performing, writing as MIDI."""
    import mido
    from numpy.random import default_rng

    from sideman import feel
    from sideman.band import styles
    from sideman.band.arranging import Plan, arrange
    from sideman.formats.midi import writing
    from sideman.library import songbook
    from sideman.score import Note, Solo

    sheet = songbook.load("rhythm-changes-bb")
    style = styles.load("swing")
    changes = sheet.changes.repeated(5)
    line = tuple(Note(12 * n, 12, 60 + n % 7) for n in range(changes.length // 12) if n % 4)
    solo = Solo(sheet.title, line, changes, key=sheet.key, tempo_bpm=180.0)
    plan = Plan(count_in=True, intro=True)
    rng = default_rng(0)
    piece = arrange(sheet, solo, style, plan, rng)
    performance = feel.perform(piece, style, rng)
    arranging = statistics.median(
        seconds(lambda: arrange(sheet, solo, style, plan, rng)) for _ in range(7)
    )
    performing = statistics.median(
        seconds(lambda: feel.perform(piece, style, rng)) for _ in range(7)
    )
    notes = sum(len(part.notes) for part in performance.parts)
    yield Row(
        f"arrange and perform 5 × 32 bars ({notes:,} notes)",
        f"{1000 * arranging:.0f} + {1000 * performing:.0f} ms", "",
        f"{performance.seconds / (arranging + performing):,.0f} × real time", "under 100 ms",
    )  # fmt: skip
    file = mido.MidiFile(file=io.BytesIO(writing.dumps(performance)))
    mine, theirs = in_turns(
        lambda: seconds(lambda: writing.dumps(performance)),
        lambda: seconds(lambda: file.save(file=io.BytesIO())),
        7,
    )
    yield Row(
        "write it as MIDI", f"{1000 * mine:.0f} ms", f"mido {1000 * theirs:.0f} ms",
        ratio(theirs, mine), "≥ 1 ×",
    )  # fmt: skip


def bench_sampling() -> Iterator[Row]:
    """Sampling tokens in NumPy, and how the cost grows with choruses."""
    import numpy as np

    from sideman.library import songbook
    from sideman.models import file
    from sideman.models.course import network
    from sideman.models.protocol import Setting
    from sideman.models.sampler import sample

    path = file.locate("course")
    model = network.from_file(file.read(path), str(path))
    rng = np.random.default_rng(0)
    network.sample_freely(model, 2000, rng=rng)
    rates = [
        20_000 / seconds(lambda: network.sample_freely(model, 20_000, rng=rng)) for _ in range(5)
    ]
    yield Row(
        "sample freely, batch 1", f"{statistics.median(rates):,.0f} tokens/s", "", "", "≥ 60,000"
    )
    form = songbook.load("blues-f").changes
    costs = {}
    for choruses in (5, 50):
        setting = Setting(form.repeated(choruses))
        sample(model, setting, rng=rng)
        costs[choruses] = statistics.median(
            seconds(lambda setting=setting: sample(model, setting, rng=rng)) / choruses  # type: ignore[misc]
            for _ in range(5)
        )
    few, many = costs[5] * 1000, costs[50] * 1000
    yield Row(
        "a chorus of blues under the mask",
        f"{few:.1f} ms of 5, {many:.1f} ms of 50",
        "",
        f"{many / few:.2f} × a chorus",
        "linear",
    )


def bench_charts() -> Iterator[Row]:
    """Charts: MusicXML beside music21, and a playlist of 1,460 tunes."""
    from sideman.formats import ireal, musicxml

    scores = sorted((DATA / "leadsheets" / "musicxml").glob("*.xml"))
    converter = importlib.import_module("music21.converter")

    def ours() -> float:
        return seconds(lambda: [musicxml.parse(path.read_bytes(), path.name) for path in scores])

    def rival() -> float:
        with contextlib.redirect_stderr(io.StringIO()):
            return seconds(lambda: [converter.parse(path, forceSource=True) for path in scores])

    ours()
    gc.freeze()  # the rival's modules are no garbage of ours
    mine, other = in_turns(ours, rival, 5)
    count = len(scores)
    yield Row(
        "read MusicXML lead sheets",
        f"{count / mine:.0f} a second",
        f"music21 {count / other:.1f} a second",
        ratio(other, mine),
        "≥ 20 ×",
    )
    playlist = DATA / "leadsheets" / "ireal" / "jazz1460.txt"

    def tunes() -> object:
        found = ireal.parse(playlist.read_text(), playlist.name).tunes
        return [tune.sheet() for tune in found]

    took = statistics.median(seconds(tunes) for _ in range(5))
    yield Row("read 1,460 iReal Pro tunes", f"{took:.2f} s", "", "", "under 1.5 s")


def bench_band() -> Iterator[Row]:
    """Piano, bass and drums over five choruses of 32 bars: seconds of one core."""
    import numpy as np

    from sideman.band import bass, comping, drums, styles
    from sideman.library import songbook
    from sideman.score import Note

    changes = songbook.load("rhythm-changes-bb").changes.repeated(5)
    solo = [Note(at, 12, 70) for at in range(0, changes.length, 12) if at // 96 % 4 < 3]
    style = styles.load("swing")

    def play(seed: int) -> dict[str, float]:
        rng = np.random.default_rng(seed)
        players: dict[str, Callable[[], object]] = {
            "piano": lambda: comping.comp(changes, style, rng, solo=solo),
            "bass": lambda: bass.walk(changes, style, rng),
            "drums": lambda: drums.drum(changes, style, rng, solo=solo),
        }
        took = {}
        for name, part in players.items():
            begun = time.process_time()
            part()
            took[name] = time.process_time() - begun
        return took

    play(0)
    turns = [play(seed) for seed in range(1, 16)]
    took = {name: statistics.median(turn[name] for turn in turns) * 1000 for name in turns[0]}
    each = ", ".join(f"{name} {ms:.0f}" for name, ms in took.items())
    yield Row("the band, 160 bars", f"{sum(took.values()):.0f} ms ({each})", "", "", "under 60 ms")


def bench_engrave() -> Iterator[Row]:
    """A solo of two choruses to a page: MusicXML, SVG, PDF and a piano roll."""
    from sideman.library import etudes
    from sideman.output import engraving, pianoroll
    from sideman.output.engraving.pages import verovio_process

    def cold() -> None:
        verovio_process.close()
        engraving.engrave(solo)

    solo = etudes.load("bird-blues-f-swift-errand")
    pages = len(engraving.engrave(solo))
    with tempfile.TemporaryDirectory() as folder:
        for name, work in {
            "a page to MusicXML": lambda: engraving.as_musicxml(solo),
            "a page to SVG, Verovio's process started": cold,
            "a page to SVG, its process kept": lambda: engraving.engrave(solo),
            "a strip to SVG, its process kept": lambda: engraving.strip(solo),
            "a page to PDF": lambda: engraving.write(Path(folder, "a.pdf"), solo),
            "a page to PNG": lambda: engraving.write(Path(folder, "a.png"), solo),
            "a piano roll": lambda: pianoroll.draw(solo),
        }.items():
            work()
            took = statistics.median(seconds(work) for _ in range(7)) / pages
            yield Row(name, f"{took:.3f} s", "", "", "under 1 s")


def bench_measures() -> Iterator[Row]:
    """Reading solos, scoring models, statistics, novelty."""
    import measures

    for line in measures.lines(DATA):
        yield Row(*line)


def bench_render() -> Iterator[Row]:
    """MIDI to MP3 on one core, beside libsndfile's encoder alone; memory for half an hour."""
    import soundfile

    from sideman.output import audio

    with tempfile.TemporaryDirectory() as folder:
        heard, exact, encoded = (Path(folder, name) for name in ("a.mp3", "a.wav", "b.mp3"))
        song, long = Path(folder, "blues-f-1.mid"), Path(folder, "blues-f-2.mid")
        for seed, choruses in ((1, 8), (2, 88)):
            options = ("--out", folder, "--seed", seed, "--choruses", choruses, "--no-audio")
            run(COMMAND, "improvise", "blues-f", *options)
        length = audio.render(song, exact)
        samples, rate = soundfile.read(exact, dtype="float32")
        mine, other = in_turns(
            lambda: processor(lambda: audio.render(song, heard)),
            lambda: processor(lambda: soundfile.write(encoded, samples, rate)),
            5,
        )
        yield Row(
            "render MIDI to MP3",
            f"{length / mine:.0f} × real time",
            f"libsndfile, encoding alone {length / other:.0f} ×",
            ratio(other, mine),
            "≥ 40 × real time",
        )
        program = (
            "import resource, sys; from sideman.output import audio; "
            "print(audio.render(*sys.argv[1:]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        output = run(sys.executable, "-c", program, long, heard)
        minutes, kilobytes = (float(word) for word in output.split())
        yield Row(
            f"memory to render {minutes / 60:.0f} minutes", f"{kilobytes / 1024:.0f} MB", "", "",
            "bounded: under 250 MB",
        )  # fmt: skip


def bench_grammars() -> Iterator[Row]:
    """A chorus by each grammar of Impro-Visor beside the course model's; reading and compiling."""
    import numpy as np

    from sideman.errors import ModelError
    from sideman.files import decoded
    from sideman.library import songbook
    from sideman.models import registry, sampler
    from sideman.models.constraints import Constraints
    from sideman.models.grammar import reading
    from sideman.models.protocol import Setting

    setting = Setting(songbook.load("blues-f").changes)

    def chorus(soloist: Any, seed: int) -> None:
        rng = np.random.default_rng(seed)
        session = soloist.begin(setting, soloist.defaults, Constraints(), rng)
        sampler.finish(session, rng=rng, controls=soloist.defaults)
        session.line()

    files = sorted((DATA / "grammars").glob("*.grammar"))
    course = registry.load("course")
    chorus(course, 0)
    taken = {}
    for path in files:
        soloist = registry.load(path)
        with contextlib.suppress(ModelError):  # a grammar without a rule
            chorus(soloist, 0)
            pairs = [
                (
                    processor(partial(chorus, soloist, seed)),
                    processor(partial(chorus, course, seed)),
                )
                for seed in (1, 2, 3)
            ]
            taken[path.stem] = [statistics.median(column) for column in zip(*pairs, strict=True)]
    by_ratio = sorted(taken, key=lambda name: taken[name][1] / taken[name][0])
    rows = (("slowest", by_ratio[0]), ("median", by_ratio[len(by_ratio) // 2]))
    for which, name in rows:
        mine, other = taken[name]
        yield Row(
            f"chorus by a grammar, the {which} of {len(taken)} ({name})",
            f"{1000 * mine:.1f} ms",
            f"course {1000 * other:.1f} ms",
            ratio(other, mine),
            "under 9 ms in the mean, a third of a plain prototype's 26",
        )
    mean = statistics.mean(mine for mine, _ in taken.values())
    yield Row("chorus by a grammar, mean", f"{1000 * mean:.1f} ms", "", "", "under 9 ms")
    largest = max(files, key=lambda path: path.stat().st_size)
    data = largest.read_bytes()
    name = largest.name
    read = statistics.median(
        processor(lambda: reading.loads(decoded(data, name), name)) for _ in range(5)
    )
    whole = statistics.median(processor(lambda: registry.load(largest)) for _ in range(3))
    yield Row(f"read {largest.stem}", f"{read:.2f} s", "", "", "under 0.5 s")
    yield Row(f"read and compile {largest.stem}", f"{whole:.2f} s", "", "", "")


NEED_DATA = {"grammars", "measures", "read", "course", "v4", "improvise", "charts"}
BENCHES = {
    name.removeprefix("bench_"): function
    for name, function in list(globals().items())
    if name.startswith("bench_")
}


def main(asked: list[str]) -> None:
    """Run what was asked for and print a table."""
    if asked == ["--list"]:
        print("\n".join(f"{name:12} {work.__doc__}" for name, work in BENCHES.items()))
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(HERE))
    print("| what | sideman | rival | ratio | wanted |\n|---|---|---|---|---|", flush=True)
    for name in asked or BENCHES:
        if name not in BENCHES:
            sys.exit(f"{name!r} is not a benchmark; choose from {', '.join(BENCHES)}.")
        if name in NEED_DATA and not METHENY.exists():
            print(f"| {name} | skipped: no material at {DATA} | | | |", flush=True)
            continue
        for row in BENCHES[name]():
            print(
                f"| {row.what} | {row.ours} | {row.rival} | {row.ratio} | {row.wanted} |",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
