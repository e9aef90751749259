"""Train the course's LSTM on the tokens of solos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sideman import opening
from sideman.library import corpus
from sideman.models.course import network
from sideman.training import loop, networks, tokens
from sideman.training.plan import Given

FIELDS = frozenset({"changes", "epochs", "units", "learning_rate"})
METHOD = "a network that learns in epochs"
NETWORKS = ("",)
LARGEST_TEXT = 0


def prepare(given: Given) -> loop.SequencePlan:
    """Return the plan for some files; for the solos of the package where there are none."""
    networks.check()
    settings = replace(
        loop.Settings(), **given.settings("epochs", "units", "learning_rate", "seed")
    )
    documents = list(opening.documents(given.files))
    if not documents:
        given.check_no_data()
    solos = [solo for each in documents for solo in corpus.chorded(each, given.changes)]
    sentences = tokens.sentences(solos or corpus.embedded())
    description = (
        f"{len(sentences)} solos, {sum(map(len, sentences))} tokens, "
        f"{len({word for words in sentences for word in words})} different; "
        f"corpus {tokens.fingerprint(sentences)[:12]}"
    )
    return loop.SequencePlan(sentences, settings, network.KIND, "token", description)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    return loop.Settings().texts
