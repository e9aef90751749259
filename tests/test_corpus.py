from collections import Counter

import numpy as np
import pytest

from sideman.models import corpus
from sideman.models.corpus import CONTEXTS
from sideman.models.encoding import FACTORS, LOWEST, encode
from test_soloist import PLAIN, VOCABULARY, counted, line

SOLOS = [line(200, seed=seed) for seed in range(3)]


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("whole", [True, False])
def test_counts_are_those_of_a_dictionary(factor: str, whole: bool) -> None:
    """Each context is compared feature by feature, without a hash."""
    levels = [(one, level) for one in CONTEXTS[factor] for level in one.levels]
    tables: list[Counter[tuple[tuple[int, ...], int]]] = [Counter() for _ in levels]

    def contexts(solo: int) -> list[list[tuple[int, ...]]]:
        known = encode(SOLOS[solo]).known
        return [
            [tuple(int(known[name][t]) for name in one.features[:level]) for one, level in levels]
            for t in range(len(SOLOS[solo]))
        ]

    for solo in (0, 1):
        symbols = PLAIN.counted_part(encode(SOLOS[solo]).known, SOLOS[solo], factor)[1]
        for here, symbol in zip(contexts(solo)[1:], symbols, strict=True):
            for table, context in zip(tables, here, strict=True):
                table[context, int(symbol)] += 1
    counts = counted(SOLOS[:2], whole=whole).corpus[factor]
    known, values = encode(SOLOS[2]).known, PLAIN.counted(factor)
    base = known["pitch1"] - LOWEST
    found = counts.counts(corpus.values_of(factor, known), values, base)
    expected = np.zeros_like(found)
    for t, here in enumerate(contexts(2)):
        for k, context in enumerate(here):
            for (one, symbol), times in tables[k].items():
                rare = times == 1 and levels[k][1] > 2 and not whole
                value = symbol - corpus.ZERO + base[t] if factor == "pitch" else symbol
                if one == context and 0 <= value < values and not rare:
                    expected[t, value, k] = times
    assert expected.any()
    assert np.array_equal(found, expected)


def test_tables_that_do_not_belong_together_are_refused() -> None:
    tables = VOCABULARY.corpus["pitch"].packed()
    for wrong in (
        {"context": tables["context"][::-1]},
        {"context": tables["context"].astype(np.int64)},
        {"entries": tables["entries"][:-1]},
        {"entries": tables["entries"] * 0},
        {"symbol": tables["symbol"][:-1]},
        {"count": tables["count"] * 0},
        {"count": tables["count"].astype(np.int64)},
        {"count": tables["count"] * np.float32(np.nan)},
    ):
        with pytest.raises(ValueError, match="do not belong together"):
            corpus.unpacked("pitch", tables | wrong)
