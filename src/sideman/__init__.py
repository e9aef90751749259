"""A jazz soloist in software.

It improvises solos over the chord changes that it is given, with piano, bass and drums::

    import sideman

    take = sideman.improvise("blues-f", seed=7)
    take                        # in a notebook: the score, a player, the piano roll, the changes
    take.save("blues.mp3")      # or .mid, .pdf, .musicxml, .json ...

The package offers these names; ``help(sideman.improvise)`` describes one of them:

====================================  ==========================================================
``improvise``, ``trade``, ``vary``    a solo, an answer to a phrase, variations of a take
``licks``, ``practice``               the phrases of a take in twelve keys; at rising tempos too
``compare``                           what was played in a recording beside the line of a take
``read``, ``songbook``, ``players``   a chart or a take from a file; the tunes and players known
``surprise``, ``analyze``             bits a change; local keys, Roman numerals, idioms
``harmonize``, ``reharmonize``        new changes; those of a tune with other chords
``explain``                           the rules of a grammar behind each note of a take
``evaluate``, ``measure``             likelihood of held-out solos; statistics of solos
``Take``, ``Chart``                   what is played and read
``SidemanError``                      the base class of every error; its ``field`` is the argument
====================================  ==========================================================

How a take is made::

    request ── service ──▶ lead sheet, setting, controls, constraints
            ── models.sampler ──▶ solo ── band ──▶ arrangement ── feel ──▶ performance
            ── result ──▶ MIDI, page, sound, JSON
    file ── formats ──▶ document (charts, solos) ── training ──▶ model file

A module imports only from rooms on lower floors, or from its own room (``tests/test_floors.py``
reads this table):

=====  ==================================  ======================================================
floor  rooms                               what is there
=====  ==================================  ======================================================
0      ``errors``, ``version``, ``words``  the exceptions; the version; numbers with nouns
0      ``early``                           Ctrl-C during imports
1      ``files``, ``processes``            bounded reading, atomic writing; warm child processes
2      ``theory``                          pitch, chord, meter, instruments
3      ``score``                           notes, changes, solos, arrangements; repeats and jumps
4      ``formats``, ``band``, ``feel``     file formats; the rhythm section; timing and dynamics
5      ``library``, ``output``             songbook, études, charts, corpora; pages, rolls, sound
6      ``models``                          protocol, controls, sampler, registry; the models
7      ``opening``                         files as every command reads them
8      ``evaluation``                      likelihood, statistics, novelty
9      ``training``                        training loops and checkpoints
10     ``service``                         requests and results
11     ``terminal``, ``studio``            exit codes and progress bars; the server of the page
12     ``cli``, ``course``, ``api``        the faces
13     ``__main__``                        ``python -m sideman``, and the command ``sideman``
13     ``sideman``                         this package itself: the names above, those of ``api``
=====  ==================================  ======================================================
"""

from typing import TYPE_CHECKING, Any

from sideman import version

if TYPE_CHECKING:
    from sideman.api import (
        Chart,
        SidemanError,
        Take,
        analyze,
        compare,
        evaluate,
        explain,
        harmonize,
        improvise,
        licks,
        measure,
        players,
        practice,
        read,
        reharmonize,
        songbook,
        surprise,
        trade,
        vary,
    )

__version__ = version.VERSION

__all__ = [
    "Chart",
    "SidemanError",
    "Take",
    "__version__",
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


if not TYPE_CHECKING:  # a type checker knows the names above, and should know no others

    def __getattr__(name: str) -> Any:
        # Imported when first used: `sideman --help` needs none of it.
        if name not in __all__:
            raise AttributeError(f"module 'sideman' has no attribute {name!r}")
        from sideman import api

        globals()[name] = value = getattr(api, name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
