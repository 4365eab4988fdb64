"""Chooses how declared attributes become numbers, from the rows that there are.

Numbers and years fall into buckets, so that no relation has to be a line; of texts the frequent
ones get a column each. What gets no column is said in the log, with numbers.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from shared.arrays.types import Float64
from shared.errors import SommelierError
from shared.scorers.features import Attribute, FeatureEncoder, number_in, texts_in, year_in

logger = logging.getLogger(__name__)

PLANTED = "user_type"  # the group that generated data declares: what a model has to find by itself
MOST_VALUES = 60  # of a category; more texts than that may be dates
MOST_GROUPS = 8  # numbers that stay categories: the ages of MovieLens 1M are 7, and groups
BUCKETS = 8
LEAST_ROWS, LEAST_SHARE = 3, 0.002  # what a value must have to get a column
MOST_NAMES = 20  # in an error


def fit_encoder(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> FeatureEncoder:
    """An encoder of the attributes `names`, by what `rows` declare: JSON values by name.

    Its columns have mean 0 over the rows, and variance 1 on average over the columns. An attribute
    that tells no rows apart is left out. Raises SommelierError for a name that no row has, and for
    `user_type`.
    """
    _check(rows, names)
    attributes, variances = [], []
    for name in dict.fromkeys(names):
        attribute, variance = _fit(name, [row.get(name) for row in rows])
        if variance.any():
            attributes.append(attribute)
            variances.append(variance)
        else:
            logger.warning("The attribute '%s' tells too few rows apart: it is left out.", name)
    if not attributes:
        return FeatureEncoder()
    return FeatureEncoder(attributes=attributes, scale=np.concatenate(variances).mean() ** -0.5)


def _check(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    if PLANTED in names:
        raise SommelierError(
            f"The attribute '{PLANTED}' is the answer that generated data declares: no model may "
            "read it. Name others."
        )
    declared = {name for row in rows for name in row} - {PLANTED}
    for name in names:
        if name not in declared:
            raise SommelierError(f"Nothing declares the attribute '{name}'. {_known(declared)}")


def _known(declared: set[str]) -> str:
    if not declared:
        return "Nothing else is declared, either."
    more = ", …" if len(declared) > MOST_NAMES else ""
    return f"There are: {', '.join(sorted(declared)[:MOST_NAMES])}{more}."


def _fit(name: str, values: list[Any]) -> tuple[Attribute, Float64]:
    """The attribute, and the variance of each of its columns before scaling."""
    draft = _draft(name, values)
    has = FeatureEncoder(attributes=[draft]).encode_all([{name: value} for value in values])
    counts, covered = has.sum(axis=0, dtype=np.float64), int(has.any(axis=1).sum())
    _log_cut(draft, values, covered)
    if covered < _least(values):
        return draft, np.zeros(len(counts))
    shares = counts / covered
    attribute = draft.model_copy(update={"centre": shares.tolist()})
    return attribute, shares * (1 - shares) * covered / len(values)


def _log_cut(draft: Attribute, values: list[Any], covered: int) -> None:
    """Say which values have no column, where there are any; `covered` rows have a column."""
    declared = sum(value not in (None, "", []) for value in values)
    cut = _cut_values(draft, values) if draft.kind == "category" else ""
    if cut:
        share = f"cover {100 * covered / declared:.3g} % of the rows that declare it"
        logger.info("%s: %s and %s; the others count as unknown.", draft.name, cut, share)
    elif covered < declared:
        what = "value" if draft.kind == "category" else draft.kind
        logger.info(
            "%s: %d of the %d rows that declare it hold no %s that can be read: they count as "
            "unknown.",
            *(draft.name, declared - covered, declared, what),
        )


def _cut_values(draft: Attribute, values: list[Any]) -> str:
    """How many values of a category have a column, and why no more; empty where all have one."""
    counts = _value_counts(values)
    kept = f"{len(draft.values):,} of {len(counts):,} values"
    frequent = sum(count >= _least(values) for count in counts.values())
    if frequent > MOST_VALUES:
        return f"{kept} get a column, the most frequent of {frequent:,} that are frequent enough,"
    bound = f"{LEAST_ROWS} rows or {100 * LEAST_SHARE:g} %"
    return f"{kept} are frequent enough ({bound})" if frequent < len(counts) else ""


def _draft(name: str, values: list[Any]) -> Attribute:
    """The attribute with its columns not yet centred."""
    present = [value for value in values if value is not None]
    if _are_numbers(present):
        edges = _edges([number for value in present if (number := number_in(value)) is not None])
        return Attribute(name=name, kind="number", edges=edges, centre=[0] * (len(edges) + 1))
    if _are_dates(present):
        edges = _edges([year for value in present if (year := year_in(value)) is not None])
        return Attribute(name=name, kind="year", edges=edges, centre=[0] * (len(edges) + 1))
    frequent = _frequent(values)
    return Attribute(name=name, kind="category", values=frequent, centre=[0] * len(frequent))


def _are_numbers(present: list[Any]) -> bool:
    numbers = {number_in(value) for value in present if type(value) in (int, float)}
    are_all = all(type(value) in (int, float) for value in present)
    return are_all and len(numbers - {None}) > MOST_GROUPS


def _are_dates(present: list[Any]) -> bool:
    texts = {value for value in present if isinstance(value, str)}
    dated = sum(year_in(value) is not None for value in present)
    return len(texts) > MOST_VALUES and dated > len(present) / 2


def _edges(numbers: list[float]) -> list[float]:
    """Where up to BUCKETS buckets of about as many rows begin, all but the first.

    Equal numbers stay together: a bucket goes by where the middle of them stands among all.
    """
    distinct, counts = np.unique(numbers, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(numbers)
    buckets = np.floor(middles * BUCKETS)
    edges: list[float] = distinct[1:][np.diff(buckets) > 0].tolist()
    return edges


def _frequent(values: list[Any]) -> list[str]:
    """The categories that enough rows name, those of most rows first."""
    least = _least(values)
    ordered = sorted(_value_counts(values).items(), key=lambda entry: (-entry[1], entry[0]))
    return [text for text, count in ordered[:MOST_VALUES] if count >= least]


def _value_counts(values: list[Any]) -> Counter[str]:
    """How many rows name each category."""
    return Counter(text for value in values for text in set(texts_in(value)))


def _least(values: list[Any]) -> float:
    """The rows that a value needs to get a column."""
    return max(LEAST_ROWS, LEAST_SHARE * len(values))
