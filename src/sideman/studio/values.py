"""The values of the interface, as typed models: what is sent and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from sideman.studio.limits import MOST_BODY, MOST_CHORUSES, MOST_TEXT

Words = Annotated[str, StringConstraints(max_length=500)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Control = int | Annotated[float, Field(allow_inf_nan=False)] | bool
Controls = dict[Annotated[str, StringConstraints(max_length=40)], Control]
ID_PATTERN = "^[A-Za-z0-9_-]{22}$"


class Tune(BaseModel):
    """A tune: exactly one of a name of the songbook, typed text, a file in base64, and a sheet."""

    model_config = ConfigDict(extra="forbid")
    name: Words = ""
    text: Annotated[str, StringConstraints(max_length=MOST_TEXT)] = ""
    data: Annotated[str, StringConstraints(max_length=MOST_BODY)] = ""
    title: Words = ""
    sheet: dict[str, Any] | None = None


class Arrangement(BaseModel):
    """What is played beside the solo."""

    model_config = ConfigDict(extra="forbid", strict=True)
    count_in: bool = False
    intro: bool = False
    head: bool = True
    fours: bool = False
    ending: bool = True


class PlayRequest(BaseModel):
    """A solo over a tune, as ``docs/service.md`` describes it."""

    model_config = ConfigDict(extra="allow", strict=True)
    layout: Annotated[int, Field(alias="schema", ge=1)] = 1
    kind: Literal["play", "vary"] = "play"
    model: Words = "soloist"
    fingerprint: Words = ""
    version: Words = ""
    player: Words | None = None
    controls: Controls = {}
    max_copy: int | None = None
    tempo: Annotated[float, Field(allow_inf_nan=False)] | None = None
    seed: Seed | None = None
    title: Words = ""
    expression: Annotated[float, Field(allow_inf_nan=False)] | None = None
    changes: Tune | None = None
    key: Words | None = None
    transpose: Annotated[int, Field(ge=-36, le=36)] | None = None
    choruses: Annotated[int, Field(ge=1, le=MOST_CHORUSES)] | None = None
    instrument: Words | None = None
    style: Words | None = None
    style_file: Annotated[str, StringConstraints(max_length=MOST_TEXT)] = ""
    swing: Annotated[float, Field(allow_inf_nan=False)] | None = None
    arrangement: Arrangement | None = None
    prime: dict[str, Any] | None = None
    take: dict[str, Any] | None = None
    keep: Words | None = None
    lock: Literal["rhythm", "contour"] | None = None
    ramp: Words | None = None
    cycle: Words | None = None
    loop: Words | None = None
    amount: Annotated[float, Field(ge=0, le=1)] | None = None
    count: Literal[1] | None = None
    number: Literal[0, 1] | None = None


class Play(BaseModel):
    """What to play."""

    model_config = ConfigDict(extra="forbid")
    request: PlayRequest


class Anew(BaseModel):
    """The bars of a take that are played anew, such as ``5-8,11``."""

    model_config = ConfigDict(extra="forbid", strict=True)
    bars: Annotated[str, StringConstraints(max_length=200)]
    seed: Seed | None = None
    controls: Controls = {}


class Vary(BaseModel):
    """How much of a take changes."""

    model_config = ConfigDict(extra="forbid", strict=True)
    amount: Annotated[float, Field(ge=0, le=1)] = 0.5
    seed: Seed | None = None


class Change(BaseModel):
    """What a listener writes on a take."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    note: Annotated[str, StringConstraints(max_length=5000)] | None = None
    starred: bool | None = None


class Typed(BaseModel):
    """Changes that are typed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: Annotated[str, StringConstraints(max_length=MOST_TEXT)]
    title: Annotated[str, StringConstraints(max_length=200)] = ""


class Head(BaseModel):
    """The fields of a take in every answer."""

    id: str
    created: str
    name: str
    note: str
    starred: bool
    parent: str | None
    remark: str


class Take(Head):
    """A solo, all that it was asked for with, and its music (``docs/service.md``)."""

    request: dict[str, Any]
    music: dict[str, Any]


class Summary(Head):
    """A take without its music; the cover's notes are x, width, height (0 to 1) and kind."""

    title: str
    tempo: float
    seed: int | None
    instrument: str
    cover: list[tuple[float, float, float, str]]


class Takes(BaseModel):
    """Takes, the newest first, and whether there are older ones."""

    takes: list[Summary]
    more: bool


class Accepted(BaseModel):
    """A take that is being played, and where its events are."""

    id: str
    events: str


class Place(BaseModel):
    """One error in changes, and where it stands in them."""

    message: str
    bar: int | None
    beat: float | None
    start: int | None
    end: int | None
    symbol: str
    nearest: list[str]


class Problem(BaseModel):
    """Why a request was not answered."""

    type: str
    title: str
    status: int
    detail: str
    field: str
    problems: list[Place]


class ChartChord(BaseModel):
    """A chord, its beat from 1, and its characters in the chart's text."""

    symbol: str
    beat: float
    start: int
    end: int
    pitches: list[int]


class ChartBar(BaseModel):
    """A bar; `repeat` where its chords are those of the bar before."""

    section: str
    meter: str
    chords: list[ChartChord]
    repeat: bool


class Chart(BaseModel):
    """A chart: bars to draw, text to edit, and the sheet that a request can hold."""

    title: str
    composer: str
    key: str
    tempo: float | None
    style: str
    meter: str
    choruses_default: int
    text: str
    sheet: dict[str, Any] | None
    bars: list[ChartBar]
    notices: list[str]
    problems: list[Place]


class Choice(BaseModel):
    """One tune of a file that holds several."""

    title: str
    composer: str


class Choices(BaseModel):
    """The tunes of a file that holds several."""

    tunes: list[Choice]


class Song(BaseModel):
    """A tune of the songbook."""

    name: str
    title: str
    composer: str
    key: str
    bars: int
    style: str
    tempo: float | None


class Songs(BaseModel):
    """The tunes of the songbook in which a word is found."""

    tunes: list[Song]


class Named(BaseModel):
    """A thing to choose."""

    name: str
    label: str
    detail: str


class Knob(BaseModel):
    """A control: its bounds, and what it does to the ear."""

    name: str
    label: str
    help: str
    low: float
    high: float | None
    default: float | bool
    unit: str
    group: str


class Sound(BaseModel):
    """Whether the page and the server can sound."""

    soundfont: str | None
    mp3: bool


class Pages(BaseModel):
    """Which pages can be made."""

    score: bool
    pdf: bool


class About(BaseModel):
    """The version, and what this installation has and lacks."""

    version: str
    fingerprint: str
    sound: Sound
    pages: Pages
    model: bool
    sentences: dict[str, str]


class Health(BaseModel):
    """That the server answers."""

    status: Literal["ok"]
