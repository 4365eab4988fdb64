"""What a training measured and chose, for a terminal and as a page beside the version."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from shared.artifacts.metrics import (
    DECIDING,
    PLACES,
    Choice,
    ListAccuracy,
    Metrics,
    RatingErrors,
    RoleChoice,
    SplitLists,
    SplitRatings,
)
from shared.artifacts.versions import Manifest

Row = tuple[str, ...]
Table = tuple[str, list[Row]]

LIST_HEADINGS = (f"NDCG@{PLACES}", f"recall@{PLACES}", f"HR@{PLACES}")
METRICS = {DECIDING["rating"]: "RMSE", DECIDING["ranker"]: LIST_HEADINGS[0]}
INTERVAL = "95 % interval"
CHOSEN = (
    "Models and what is left to auto were chosen on these rows, so the best looks a little better "
    "than it is; make evaluate chooses without them."
)


def as_text(manifest: Manifest) -> str:
    """A table for each role, what was chosen and why, and what was published."""
    metrics = Metrics.model_validate(manifest.metrics)
    lines = []
    for title, rows in tables(metrics):
        lines += [title, *("  {:<16}{:>9}{:>10}{:>9}{:>20}".format(*row) for row in rows)]
    lines += [*choices(metrics.choice), CHOSEN]
    lines.append(
        f"Version {manifest.version} is current: {manifest.data.rows:,} interactions, "
        f"ratings by {manifest.rating_model or 'none'}, order by {manifest.ranker}."
    )
    return "\n".join(lines)


def as_html(manifest: Manifest) -> str:
    """report.html: the same with the data and the settings that it was got with."""
    data, metrics = manifest.data, Metrics.model_validate(manifest.metrics)
    scale = "no ratings" if data.rating_scale is None else "{:g} to {:g}".format(*data.rating_scale)
    facts = [
        ("created", f"{manifest.created_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("interactions", f"{data.rows:,}"),
        ("rating scale", scale),
        ("content hash", data.content_hash),
        ("rating model", manifest.rating_model or "none"),
        ("order of lists", manifest.ranker),
        *((name, str(value)) for name, value in manifest.settings.items()),
    ]
    measured = "".join(
        f"<h2>{escape(title)}</h2>{_html_table(rows)}" for title, rows in tables(metrics)
    )
    chosen = "".join(f"<p>{escape(line)}</p>" for line in (*choices(metrics.choice), CHOSEN))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(manifest.version)}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "td,th{text-align:left;padding:.15rem 1.2rem .15rem 0;font-variant-numeric:tabular-nums}"
        f"h2{{font-size:1.1rem}}</style><h1>Version {escape(manifest.version)}</h1>"
        f"{measured}{chosen}<h2>Data and settings</h2>{_html_table(facts)}</html>\n"
    )


def _html_table(rows: list[Row] | list[tuple[str, str]]) -> str:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def tables(metrics: Metrics) -> Iterator[Table]:
    """A title and rows for the ratings and for the lists."""
    split = metrics.last_of_each_user
    yield f"Held out: {split.protocol}: {_held_out_ratings(split.ratings)}", _ratings(split.ratings)
    yield f"Held out: {split.protocol}: {_held_out_lists(split.lists)}", _lists(split.lists)


def _held_out_ratings(ratings: SplitRatings) -> str:
    counts = [model.ratings for model in ratings.models.values()]
    return f"{counts[0]:,} ratings" if counts else "no ratings, or too few to measure"


def _held_out_lists(lists: SplitLists) -> str:
    counts = [model.users for model in lists.models.values()]
    return f"lists of {counts[0]:,} users" if counts else "no lists, or too few to measure"


def _ratings(ratings: SplitRatings) -> list[Row]:
    if not ratings.models:
        return []
    headings = ("model", "RMSE", "MSE", "MAE", INTERVAL)
    rows = [
        (name, *_errors(model), _ends(model.interval)) for name, model in ratings.models.items()
    ]
    floor = ratings.noise_floor
    return [headings, *rows, *([("noise floor", *_errors(floor), "")] if floor else [])]


def _lists(lists: SplitLists) -> list[Row]:
    if not lists.models:
        return []
    headings = ("model", *LIST_HEADINGS, INTERVAL)
    rows = [
        (name, *_accuracy(model), _ends(model.interval)) for name, model in lists.models.items()
    ]
    planted = lists.planted
    return [headings, *rows, *([("planted choice", *_accuracy(planted), "")] if planted else [])]


def _errors(errors: RatingErrors) -> Row:
    return tuple(f"{figure:.4f}" for figure in (errors.rmse, errors.mse, errors.mae))


def _accuracy(lists: ListAccuracy) -> Row:
    at = lists.at[PLACES]
    return tuple(f"{figure:.4f}" for figure in (at.ndcg, at.recall, at.hit_rate))


def _ends(interval: tuple[float, float]) -> str:
    return "{:.4f} to {:.4f}".format(*interval)


def choices(choice: Choice | None) -> Iterator[str]:
    """Sentences: which model serves for what and why, and which were left out and why."""
    if choice is None:
        return
    if choice.rating is not None:
        yield f"Ratings by {_reason(choice.rating)}."
    yield f"Order of lists by {_reason(choice.ranker)}."
    for model, reason in choice.left_out.items():
        yield f"Left out: {model}: {reason}."


def _reason(choice: RoleChoice) -> str:
    model = choice.model + (f" ({in_words(choice.settings)})" if choice.settings else "")
    if choice.figure is None:
        return f"{model}: too little was held out to measure any"
    metric = METRICS[choice.metric]
    if choice.runner_up is None or choice.difference is None:
        return f"{model}, the only candidate: {metric} {choice.figure:.4f}"
    best = f"the best {metric}, {choice.figure:.4f}"
    return f"{model}: {best}, {choice.difference:.4f} better than {choice.runner_up}"


def in_words(settings: Mapping[str, Any]) -> str:
    """Settings as a list: "ials_shrinkage 0.3, recency 5"."""
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in settings.items()
    )
