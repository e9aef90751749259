"""The content of a grammar: forms, symbols, terminals, bricks, and the entropy of its choices."""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sideman.models.grammar import doubts
from sideman.models.grammar.deriving import Derivation, Form
from sideman.models.grammar.productions import Options, Productions
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.terminals import kinds
from sideman.models.harmony import bricks
from sideman.score import Changes

DERIVATIONS = 16
MOST_STEPS = 4000
"""The derivations over which :func:`entropy` takes the mean, and the rules after which none begins
any more."""


@dataclass(frozen=True)
class Summary:
    """The content of a grammar.

    Parameters
    ----------
    forms : dict of str to int
        The forms by kind; the rules for bricks by themselves.
    others : dict of str to int
        The forms of an unknown kind, by their first word.
    unknown_parameters : tuple of str
        The parameters that neither Impro-Visor nor sideman has.
    undefined, unproductive : tuple of str
        The symbols without a rule, and those whose rules lead to no terminal.
    terminals : dict of str to int
        The terminals in right-hand sides by kind, those in slopes too, and the slopes.
    bricks, unknown_bricks : dict of str to int
        The rules for each brick, of those that are recognised and of others.
    unknown_functions : tuple of str
        The functions of weights that are not known.
    """

    forms: dict[str, int]
    others: dict[str, int]
    unknown_parameters: tuple[str, ...]
    undefined: tuple[str, ...]
    unproductive: tuple[str, ...]
    terminals: dict[str, int]
    bricks: dict[str, int]
    unknown_bricks: dict[str, int]
    unknown_functions: tuple[str, ...]


def summary(grammar: Grammar, productions: Productions, found: doubts.Found) -> Summary:
    """Return the summary of a grammar, its own productions and findings."""
    named = Counter(rule.brick for rule in grammar.rules if rule.brick)
    counted = Counter(
        "base" if rule.base else "brick rule" if rule.brick else "rule" for rule in grammar.rules
    )
    counted["parameter"], counted["terminals"] = len(grammar.parameters), len(grammar.declared)
    heads = Counter(
        other[0] if other and isinstance(other[0], str) else "()"
        for other in grammar.others
        if other[:1] != ("startsymbol",)
    )
    terminals = Counter(kind for rule in grammar.rules for kind in kinds(rule.right))
    return Summary(
        forms={
            name: counted[name] for name in ("rule", "brick rule", "base", "parameter", "terminals")
        },
        others=dict(heads.most_common()),
        unknown_parameters=doubts.unknown_parameters(grammar),
        undefined=tuple(sorted(productions.undefined - {*doubts.FORMS})),
        unproductive=tuple(sorted(productions.unproductive)),
        terminals=dict(terminals.most_common()),
        bricks={name: named[name] for name in sorted(named) if name in bricks.NAMES},
        unknown_bricks={name: named[name] for name in sorted(named) if name not in bricks.NAMES},
        unknown_functions=tuple(sorted(found.functions)),
    )


def entropy(productions: Productions, changes: Changes, name: str) -> float:
    """Return the entropy of the choices of rules in a derivation over changes, in bits a bar.

    The entropy of a derivation is the expectation of the sum of the entropies of its choices, each
    given those before it: the mean of that sum over up to :data:`DERIVATIONS` derivations, with the
    seeds 0, 1, 2 ...  The choice of pitches is not part of it.  Raise a MusicError if a derivation
    gives nothing or does not end.
    """
    form = Form(changes)
    total, steps, seed = 0.0, 0, 0
    known: dict[Options, tuple[list[float], float]] = {}
    while seed < DERIVATIONS and steps < MOST_STEPS:
        rng = np.random.default_rng(seed)
        derivation = Derivation(productions, form, ((0, form.end),), name)
        while not derivation.done:
            options = derivation.applicable
            if options not in known:
                shares = options.probabilities
                bits = -sum(share * math.log2(share) for share in shares if share > 0)
                known[options] = list(accumulate(shares)), bits
            sums, bits = known[options]
            total += bits
            derivation.choose(bisect(sums, rng.random(), hi=len(sums) - 1), rng)
        steps += len(derivation.steps)
        seed += 1
    return total / seed / len(changes.bars)
