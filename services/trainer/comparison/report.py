"""A comparison of models as tables for a terminal."""

from collections.abc import Callable, Iterable, Sequence

from services.trainer.comparison.comparison import PLACES
from services.trainer.selection.evaluation import Metrics

Row = list[str]
Cells = Callable[[Metrics], Row]

ACCURACY = {
    "ndcg": "NDCG",
    "recall": "recall",
    "precision": "precision",
    "hit_rate": "HR",
    "mrr": "MRR",
}
SHOWN = ("coverage", "gini", "novelty", "diversity")
USERS = {"cold": "cold", "warm": "warm", "less_active": "less active", "more_active": "more active"}
ITEMS = ("head", "tail")
INTERVAL = "95 % interval"


def as_text(metrics: Metrics) -> str:
    """What was held out, and a table for each thing that was measured of it."""
    lines = [f"Held out: {metrics['protocol']}"]
    for title, rows in _tables(metrics):
        lines += ["", title, *_aligned(rows)]
    return "\n".join(lines)


def _tables(metrics: Metrics) -> Iterable[tuple[str, list[Row]]]:
    ratings, lists = metrics["ratings"], metrics["lists"]
    if ratings["models"]:
        yield _title("Ratings", ratings, "ratings"), _rating_table(ratings)
        yield "RMSE by what users did in training", _table(ratings, [*USERS.values()], _rmse_slices)
    else:
        yield "No ratings could be measured.", []
    if lists["models"]:
        for k in metrics["ks"]:
            yield _title(f"Lists of {k}", lists, "users"), _list_table(lists, k)
        yield f"What lists of {PLACES} show", _table(lists, [*SHOWN], _shown)
        headings = [*USERS.values(), *(f"recall of {name}" for name in ITEMS)]
        title = f"NDCG@{PLACES} by what users did in training, recall@{PLACES} of items"
        yield title, _table(lists, headings, _list_slices)
    else:
        yield "No lists could be measured.", []
    seconds = [[name, f"{value:.2f}"] for name, value in metrics["seconds"].items()]
    yield "Seconds to fit, mean over folds", seconds


def _title(what: str, part: Metrics, counted: str) -> str:
    count = next(iter(part["models"].values()))[counted]
    return f"{what}: {count:,} {counted}, best {part['best']}"


def _table(part: Metrics, headings: Row, cells: Cells) -> list[Row]:
    models: dict[str, Metrics] = part["models"]
    return [["model", *headings], *([name, *cells(own)] for name, own in models.items())]


def _rating_table(ratings: Metrics) -> list[Row]:
    headings = ["RMSE", INTERVAL, "MSE", "MAE", "RMSE against the best"]
    return _table(ratings, headings, _rating_cells)


def _rating_cells(own: Metrics) -> Row:
    errors = [_number(own, "mse"), _number(own, "mae")]
    return [_number(own, "rmse"), _ends(own["interval"]), *errors, _difference(own["to_best"])]


def _list_table(lists: Metrics, k: int) -> list[Row]:
    ndcg, *others = ACCURACY.values()
    headings = [ndcg, INTERVAL, *others]
    if k == PLACES:
        headings.append("NDCG against the best")
    return _table(lists, headings, lambda own: _list_cells(own, k))


def _list_cells(own: Metrics, k: int) -> Row:
    ndcg, *others = (_number(own, f"{name}@{k}") for name in ACCURACY)
    row = [ndcg, _ends(own["intervals"][f"ndcg@{k}"]), *others]
    return [*row, _difference(own["to_best"])] if k == PLACES else row


def _shown(own: Metrics) -> Row:
    return [_number(own["shown"], f"{name}@{PLACES}") for name in SHOWN]


def _rmse_slices(own: Metrics) -> Row:
    return [_number(own["slices"][name], "rmse") for name in USERS]


def _list_slices(own: Metrics) -> Row:
    users = [_number(own["slices"][name], f"ndcg@{PLACES}") for name in USERS]
    return [*users, *(_number(own["slices"][name], f"recall@{PLACES}") for name in ITEMS)]


def _number(figures: Metrics, name: str) -> str:
    return f"{figures[name]:.4f}" if name in figures else "-"


def _ends(interval: Sequence[float]) -> str:
    return "{:.4f} to {:.4f}".format(*interval)


def _difference(found: Sequence[float] | None) -> str:
    """Empty for the best itself."""
    return "" if found is None else "{:+.4f} ({:+.4f} to {:+.4f})".format(*found)


def _aligned(rows: Sequence[Row]) -> list[str]:
    """Columns as wide as their widest cell, numbers to the right."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _line(row: Row, widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = (cell.rjust(width) for cell, width in others)
    return "  ".join(["  " + first[0].ljust(first[1]), *cells]).rstrip()
