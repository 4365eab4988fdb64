"""A comparison of models as tables for a terminal."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from services.trainer.comparison.figures import (
    Compared,
    ComparedLists,
    ComparedRatings,
    Comparison,
)
from shared.artifacts.metrics import PLACES, Difference, Ends

Row = list[str]
T = TypeVar("T")

ACCURACY = {
    "ndcg": "NDCG",
    "recall": "recall",
    "precision": "precision",
    "hit_rate": "HR",
    "mrr": "MRR",
}
BEYOND_ACCURACY = ("coverage", "gini", "novelty", "diversity")
USERS = {"cold": "cold", "warm": "warm", "less_active": "less active", "more_active": "more active"}
ITEMS = ("head", "tail")
INTERVAL = "95 % interval"


def as_text(comparison: Comparison) -> str:
    """What was held out, and a table for each thing that was measured of it."""
    lines = [f"Held out: {comparison.protocol}"]
    for title, rows in _tables(comparison):
        lines += ["", title, *_aligned(rows)]
    return "\n".join(lines)


def _tables(comparison: Comparison) -> Iterable[tuple[str, list[Row]]]:
    yield from _rating_tables(comparison.ratings)
    yield from _list_tables(comparison.lists, comparison.ks)
    seconds = [[name, f"{value:.2f}"] for name, value in comparison.seconds.items()]
    yield "Seconds to fit, mean over folds", seconds


def _rating_tables(ratings: Compared[ComparedRatings]) -> Iterable[tuple[str, list[Row]]]:
    if not ratings.models:
        yield "No ratings could be measured.", []
        return
    count = next(iter(ratings.models.values())).ratings
    headings = ["RMSE", INTERVAL, "MSE", "MAE", "RMSE against the best"]
    title = f"Ratings: {count:,} ratings, best {ratings.best}"
    yield title, _table(ratings, headings, _rating_cells)
    yield "RMSE by what users did in training", _table(ratings, [*USERS.values()], _rmse_slices)


def _list_tables(
    lists: Compared[ComparedLists], ks: Sequence[int]
) -> Iterable[tuple[str, list[Row]]]:
    if not lists.models:
        yield "No lists could be measured.", []
        return
    count = next(iter(lists.models.values())).users
    for k in ks:
        yield f"Lists of {k}: {count:,} users, best {lists.best}", _list_table(lists, k)
    yield f"What lists of {PLACES} show", _table(lists, [*BEYOND_ACCURACY], _shown)
    headings = [*USERS.values(), *(f"recall of {name}" for name in ITEMS)]
    title = f"NDCG@{PLACES} by what users did in training, recall@{PLACES} of items"
    yield title, _table(lists, headings, _list_slices)


def _table(part: Compared[T], headings: Row, cells: Callable[[T], Row]) -> list[Row]:
    return [["model", *headings], *([name, *cells(own)] for name, own in part.models.items())]


def _rating_cells(own: ComparedRatings) -> Row:
    errors = [_number(own.mse), _number(own.mae)]
    return [_number(own.rmse), _ends(own.interval), *errors, _difference(own.to_best)]


def _list_table(lists: Compared[ComparedLists], k: int) -> list[Row]:
    ndcg, *other_metrics = ACCURACY.values()
    headings = [ndcg, INTERVAL, *other_metrics]
    if k == PLACES:
        headings.append("NDCG against the best")
    return _table(lists, headings, lambda own: _list_cells(own, k))


def _list_cells(own: ComparedLists, k: int) -> Row:
    ndcg, *other_figures = (_number(getattr(own.at[k], name)) for name in ACCURACY)
    row = [ndcg, _ends(own.intervals[f"ndcg@{k}"]), *other_figures]
    return [*row, _difference(own.to_best)] if k == PLACES else row


def _shown(own: ComparedLists) -> Row:
    return [_number(getattr(own.shown, name)) for name in BEYOND_ACCURACY]


def _rmse_slices(own: ComparedRatings) -> Row:
    return [_number(getattr(own.slices, name).rmse) for name in USERS]


def _list_slices(own: ComparedLists) -> Row:
    slices = own.slices
    users = (getattr(slices, name).at.get(PLACES) for name in USERS)
    items = (getattr(slices, name).recall for name in ITEMS)
    return [*(_number(part and part.ndcg) for part in users), *map(_number, items)]


def _number(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4f}"


def _ends(interval: Ends) -> str:
    return "{:.4f} to {:.4f}".format(*interval)


def _difference(found: Difference | None) -> str:
    """Empty for the best itself."""
    return "" if found is None else "{:+.4f} ({:+.4f} to {:+.4f})".format(*found)


def _aligned(rows: Sequence[Row]) -> list[str]:
    """Columns as wide as their widest cell, numbers to the right."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Row, widths: Sequence[int]) -> str:
    first, *numbers = zip(row, widths, strict=True)
    cells = (cell.rjust(width) for cell, width in numbers)
    return "  ".join(["  " + first[0].ljust(first[1]), *cells]).rstrip()
