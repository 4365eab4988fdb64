"""What a training measured, for a terminal and as a page beside the version."""

from collections.abc import Iterator
from html import escape
from typing import Any

from shared.artifacts.versions import Manifest

Row = tuple[str, ...]
Table = tuple[str, list[Row]]

ERRORS = ("rmse", "mse", "mae")
LISTS = ("ndcg@10", "recall@10", "hit_rate@10")
HEADINGS = {"rmse": "RMSE", "mse": "MSE", "mae": "MAE"} | {
    "ndcg@10": "NDCG@10",
    "recall@10": "recall@10",
    "hit_rate@10": "HR@10",
}
CHOSEN = (
    "Models and what is left to auto were chosen on these rows, so the best looks a little better "
    "than it is; make evaluate chooses without them."
)
PLANTED = {"noise_floor": "noise floor", "planted": "planted choice"}


def as_text(manifest: Manifest) -> str:
    """A table for each role, and what was published."""
    lines = []
    for title, rows in tables(manifest.metrics):
        lines += [title, *("  {:<16}{:>9}{:>10}{:>9}{:>20}".format(*row) for row in rows)]
    lines.append(CHOSEN)
    lines.append(
        f"Version {manifest.version} is current: {manifest.data.rows:,} interactions, "
        f"ratings by {manifest.rating_model or 'none'}, order by {manifest.ranker}."
    )
    return "\n".join(lines)


def as_html(manifest: Manifest) -> str:
    """report.html: the same tables with the data and the settings they were got with."""
    data = manifest.data
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
        f"<h2>{escape(title)}</h2>{_html_table(rows)}" for title, rows in tables(manifest.metrics)
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(manifest.version)}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "td,th{text-align:left;padding:.15rem 1.2rem .15rem 0;font-variant-numeric:tabular-nums}"
        f"h2{{font-size:1.1rem}}</style><h1>Version {escape(manifest.version)}</h1>"
        f"{measured}<p>{CHOSEN}</p><h2>Data and settings</h2>{_html_table(facts)}</html>\n"
    )


def _html_table(rows: list[Row] | list[tuple[str, str]]) -> str:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def tables(metrics: dict[str, Any]) -> Iterator[Table]:
    """A title and rows for the ratings and for the lists of each split."""
    for split in metrics.values():
        yield _table(split, "ratings", ERRORS, "noise_floor")
        yield _table(split, "lists", LISTS, "planted")


def _table(split: dict[str, Any], part: str, columns: Row, planted: str) -> Table:
    models = dict(split[part]["models"])
    if not models:
        return f"Held out: {split['protocol']}: no {part}, or too few to measure", []
    counted = "users" if part == "lists" else "ratings"
    count = next(iter(models.values()))[counted]
    if split[part][planted]:
        models[PLANTED[planted]] = split[part][planted]
    rows = [("model", *(HEADINGS[name] for name in columns), "95 % interval")]
    rows += [_row(name, values, columns) for name, values in models.items()]
    what = f"lists of {count:,} users" if part == "lists" else f"{count:,} ratings"
    return f"Held out: {split['protocol']}: {what}", rows


def _row(name: str, values: dict[str, Any], columns: Row) -> Row:
    interval = "{:.4f} to {:.4f}".format(*values["interval"]) if "interval" in values else ""
    return name, *(f"{values[column]:.4f}" for column in columns), interval
