from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.generator.importing.writing.seen_rows import Hashes, SeenRows
from tests.properties import checked


def hashes(*values: int) -> Hashes:
    return np.array(values, dtype=np.uint64)


def test_equal_rows_are_numbered_in_their_order() -> None:
    seen = SeenRows()

    assert seen.occurrences(hashes(7, 5, 7, 7, 2**64 - 1)).tolist() == [0, 0, 1, 2, 0]
    assert seen.occurrences(hashes(5, 7, 5, 1)).tolist() == [1, 3, 2, 0]
    assert seen.occurrences(hashes()).tolist() == []


def counted(counts: Counter[int], batch: list[int]) -> list[int]:
    """How often each value came before it, by a dictionary that counts."""
    occurrences = []
    for value in batch:
        occurrences.append(counts[value])
        counts[value] += 1
    return occurrences


def test_it_counts_as_a_dictionary_does() -> None:
    rng = np.random.default_rng(3)
    seen = SeenRows()
    counts: Counter[int] = Counter()
    for _ in range(60):
        batch = rng.integers(0, 500, size=rng.integers(1, 80)).astype(np.uint64)
        expected = counted(counts, batch.tolist())

        assert seen.occurrences(batch).tolist() == expected


VALUES = st.one_of(st.integers(0, 3), st.integers(2**63 - 1, 2**63 + 1), st.integers(0, 2**64 - 1))


@checked
@given(batches=st.lists(st.lists(VALUES)))
def test_any_batches_are_counted_as_a_dictionary_does(batches: list[list[int]]) -> None:
    seen = SeenRows()
    counts: Counter[int] = Counter()
    for batch in batches:
        assert seen.occurrences(hashes(*batch)).tolist() == counted(counts, batch)
