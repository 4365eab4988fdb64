from collections import Counter

import numpy as np

from services.generator.importing.seen_rows import Hashes, SeenRows


def hashes(*values: int) -> Hashes:
    return np.array(values, dtype=np.uint64)


def test_equal_rows_are_numbered_in_their_order() -> None:
    seen = SeenRows()

    assert seen.occurrences(hashes(7, 5, 7, 7, 2**64 - 1)).tolist() == [0, 0, 1, 2, 0]
    assert seen.occurrences(hashes(5, 7, 5, 1)).tolist() == [1, 3, 2, 0]
    assert seen.occurrences(hashes()).tolist() == []


def test_it_counts_as_a_dictionary_does() -> None:
    rng = np.random.default_rng(3)
    seen = SeenRows()
    counts: Counter[int] = Counter()
    for _ in range(60):
        batch = rng.integers(0, 500, size=rng.integers(1, 80)).astype(np.uint64)
        expected = []
        for value in batch.tolist():
            expected.append(counts[value])
            counts[value] += 1

        assert seen.occurrences(batch).tolist() == expected
