"""Prints what differs between two records, by kinds of things."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.checkouts.comparison import ComparedPart, compared_records
from benchmarks.checkouts.differences import WIDTH

MOST_PATTERNS = 8  # of each kind
MOST_EXAMPLES = 3  # of each kind, and lines of each example


def compare(a: Path, b: Path, ignore_chance: bool) -> bool:
    """Print what differs; whether anything does, or there is nothing to compare."""
    kinds: dict[str, list[ComparedPart]] = defaultdict(list)
    for part in compared_records(a, b):
        kinds[f"{part.kind}, by chance" if part.by_chance else part.kind].append(part)
    for kind, parts in kinds.items():
        print("\n".join(summary(kind, parts)))
    compared = [part for parts in kinds.values() for part in parts]
    different = [part for part in compared if part.differences]
    by_chance = sum(part.by_chance for part in different)
    counts = f"{len(compared):,} compared, {len(different):,} different"
    print(f"\n{counts}, {by_chance:,} of them by chance")
    return not compared or len(different) > (by_chance if ignore_chance else 0)


def summary(kind: str, parts: Sequence[ComparedPart]) -> Iterator[str]:
    """How many parts of a kind are equal; where the others differ, and the first of them."""
    different = [part for part in parts if part.differences]
    yield f"{kind:<52}{len(parts) - len(different):>8,} equal{len(different):>8,} different"
    yield from pattern_counts(different)
    for part in different[:MOST_EXAMPLES]:
        yield f"    {part.name}"[:WIDTH]
        yield from (f"        {line}"[:WIDTH] for line in part.differences[:MOST_EXAMPLES])
        if len(part.differences) > MOST_EXAMPLES:
            yield f"        and {len(part.differences) - MOST_EXAMPLES:,} more"


def pattern_counts(parts: Sequence[ComparedPart]) -> Iterator[str]:
    """In how many parts each pattern of paths differs, the most frequent first."""
    counts = Counter(
        pattern
        for part in parts
        for pattern in dict.fromkeys(difference.pattern for difference in part.differences)
    )
    for pattern, n_parts in counts.most_common(MOST_PATTERNS):
        yield f"    {n_parts:,} × {pattern}"[:WIDTH]
    if len(counts) > MOST_PATTERNS:
        yield f"    and {len(counts) - MOST_PATTERNS:,} more places"
