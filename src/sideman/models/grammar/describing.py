"""The content of a grammar: forms, symbols, terminals, bricks, and the entropy of its choices."""

from __future__ import annotations

import difflib
import math
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sideman.models.grammar import tones
from sideman.models.grammar.deriving import Derivation, Form
from sideman.models.grammar.productions import Options, Productions
from sideman.models.grammar.rules import Expression, Grammar, atoms, number
from sideman.models.grammar.terminals import kinds
from sideman.models.harmony import bricks
from sideman.score import Changes

PLAYED = frozenset(
    {
        *("min-pitch", "max-pitch", "min-interval", "max-interval", "chord-tone-weight"),
        *("color-tone-weight", "scale-tone-weight", "leap-prob", "avoid-repeats", "rectify"),
        "scale-type",
    }
)
"""The parameters that decide how a grammar plays."""
IDLE = frozenset(
    {
        *("use-grammar", "auto-fill", "min-duration", "max-duration", "rest-prob", "scale-root"),
        *("chord-tone-decay", "use-syncopation", "syncopation-type", "syncopation-multiplier"),
        *("syncopation-constant", "expectancy-multiplier", "expectancy-constant"),
    }
)
"""The parameters of Impro-Visor that have no effect where a grammar plays."""
OWN = frozenset(
    {
        *("model-kind", "colours", "clusters", "order", "window-beats", "seed"),
        *("unigram-weight", "sharing", "onset-spread"),
    }
)
"""The parameters of sideman's own, most of which training writes."""
_NUMBERS = PLAYED - {"avoid-repeats", "rectify", "scale-type"}
_FORMS = {"slope": "(slope 1 4 C8 L8)", "X": "(X b3 8)", "triadic": "(triadic 1 8)"}
_MOST_COMPARED = 100_000  # pairs of a misspelt and a defined symbol
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


def summary(grammar: Grammar, productions: Productions) -> Summary:
    """Return the summary of a grammar; `productions` are its own."""
    named = Counter(rule.brick for rule in grammar.rules if rule.brick)
    counted = Counter(
        "base" if rule.base else "brick rule" if rule.brick else "rule" for rule in grammar.rules
    )
    counted["parameter"], counted["terminals"] = len(grammar.parameters), len(grammar.declared)
    parameters = dict.fromkeys(name for name, _ in grammar.parameters)
    heads = Counter(
        other[0] if other and isinstance(other[0], str) else "()" for other in grammar.others
    )
    found = Counter(kind for rule in grammar.rules for kind in kinds(rule.right))
    functions = {name for rule in grammar.rules for name in _functions(rule.weights)}
    return Summary(
        forms={
            name: counted[name] for name in ("rule", "brick rule", "base", "parameter", "terminals")
        },
        others=dict(heads.most_common()),
        unknown_parameters=tuple(name for name in parameters if name not in PLAYED | IDLE | OWN),
        undefined=tuple(sorted(productions.undefined)),
        unproductive=tuple(sorted(productions.unproductive)),
        terminals=dict(found.most_common()),
        bricks={name: named[name] for name in sorted(named) if name in bricks.NAMES},
        unknown_bricks={name: named[name] for name in sorted(named) if name not in bricks.NAMES},
        unknown_functions=tuple(sorted(functions - {"*", "brick", "chord-family"})),
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


def doubts(grammar: Grammar, productions: Productions) -> list[str]:
    """Return a sentence for each place that has an effect other than it seems meant to have."""
    found: dict[str, int] = {}
    known = sorted({rule.name for rule in grammar.rules})
    if len(known) * len(productions.undefined) > _MOST_COMPARED:
        known = []
    for rule in grammar.rules:
        if not rule.weights:
            found.setdefault(f"the rule {rule.name} has no weight, and counts as 1", rule.line)
        for family in sorted(_families(rule.weights) - {*tones.FAMILIES}):
            found.setdefault(
                f"there are no chords of the family {family}; write one of "
                f"{', '.join(tones.FAMILIES)}",
                rule.line,
            )
        for symbol in atoms(rule.right):
            if symbol not in productions.undefined or number(symbol) is not None:
                continue
            if symbol in _FORMS:
                found.setdefault(
                    f"this {symbol} is incomplete; write one as {_FORMS[symbol]}", rule.line
                )
            else:
                near = difflib.get_close_matches(symbol, known, n=1, cutoff=0.7)
                hint = f"; did you mean {near[0]}?" if near else ""
                found.setdefault(f"{symbol} is no terminal and has no rule{hint}", rule.line)
    said = sorted((line, sentence) for sentence, line in found.items())
    return [*(f"line {line}: {sentence}" for line, sentence in said), *_doubtful(grammar)]


def _doubtful(grammar: Grammar) -> Iterator[str]:
    """Yield a sentence for each parameter whose value has no effect."""
    values = grammar.values
    for name in sorted(_NUMBERS & set(values)):
        if number(values[name]) is None:
            yield f"parameter {name}: {values[name]} is no number, so that its default is taken"
    low, high = (number(values.get(name, "")) for name in ("min-pitch", "max-pitch"))
    if low is not None and high is not None and low > high:
        yield f"parameter max-pitch: {high} is below min-pitch, {low}; exchange them"
    tables = (tones.HOUSE, tones.IMPRO_VISOR)
    if (colours := values.get("colours", tones.HOUSE)) not in tables:
        yield f"parameter colours: {colours} is neither {' nor '.join(tables)}"


def _families(weights: tuple[Expression, ...]) -> set[str]:
    """Return the chord families that factors of a weight name."""
    found: set[str] = set()
    for weight in weights:
        match weight:
            case ("builtin", "chord-family", (*names,)):
                found |= {*map(str, names)}
            case (str(), *rest):
                found |= _families(tuple(rest))
    return found


def _functions(weights: tuple[Expression, ...]) -> Iterator[str]:
    """Yield the names of the functions in factors of a weight."""
    for weight in weights:
        match weight:
            case ("builtin", *rest):
                yield str(rest[0]) if rest and isinstance(rest[0], str) else "builtin"
            case (str(name), *rest):
                yield name
                yield from _functions(tuple(rest))
