"""The Python API: what ``import sideman`` offers.

A face, like the command line: it reads and writes files, and calls :mod:`sideman.service`.  Every
error is a :class:`~sideman.errors.SidemanError`, whose `field` is the name of the argument.
"""

from sideman.api.chart import Chart
from sideman.api.explaining import explain
from sideman.api.figures import evaluate, measure
from sideman.api.harmony import analyze, harmonize, reharmonize, surprise
from sideman.api.playing import improvise, licks, trade
from sideman.api.practising import compare, practice
from sideman.api.reading import players, read, songbook
from sideman.api.take import Take, vary
from sideman.errors import SidemanError

__all__ = [
    "Chart",
    "SidemanError",
    "Take",
    "analyze",
    "compare",
    "evaluate",
    "explain",
    "harmonize",
    "improvise",
    "licks",
    "measure",
    "players",
    "practice",
    "read",
    "reharmonize",
    "songbook",
    "surprise",
    "trade",
    "vary",
]
