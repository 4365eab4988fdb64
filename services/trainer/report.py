"""What a training measured, for a terminal and as a page beside the version."""

from collections.abc import Iterator
from html import escape
from typing import Any

from shared.versions import Manifest

Row = tuple[str, ...]

TITLES = {
    "last_of_each_user": "Held out: {protocol}",
    "last_in_time": "Held out: {protocol}",
    "warm_users": "of these, users with ratings before",
    "cold_users": "of these, users without",
}
HEADER: Row = ("model", "RMSE", "MSE", "MAE")


def as_text(manifest: Manifest) -> str:
    """A table for each hold-out, and what was published."""
    lines = []
    for title, rows in _tables(manifest.metrics):
        lines += [title, *("  {:<14}{:>8}{:>8}{:>8}".format(*row) for row in rows)]
    data = manifest.data
    lines.append(
        f"Version {manifest.version} is current: {data.rows:,} interactions, "
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
    tables = "".join(
        f"<h2>{escape(title)}</h2>{_html_table(rows)}" for title, rows in _tables(manifest.metrics)
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(manifest.version)}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "td,th{text-align:left;padding:.15rem 1.2rem .15rem 0;font-variant-numeric:tabular-nums}"
        f"h2{{font-size:1.1rem}}</style><h1>Version {escape(manifest.version)}</h1>"
        f"{tables}<h2>Data and settings</h2>{_html_table(facts)}</html>\n"
    )


def _html_table(rows: list[Row] | list[tuple[str, str]]) -> str:
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _tables(metrics: dict[str, Any]) -> Iterator[tuple[str, list[Row]]]:
    for name in ("last_of_each_user", "last_in_time"):
        holdout = metrics.get(name)
        if not holdout:
            continue
        yield _title(name, holdout), list(_rows(holdout))
        for part in ("warm_users", "cold_users"):
            if part in holdout:
                yield _title(part, holdout[part]), list(_rows(holdout[part]))


def _title(name: str, part: dict[str, Any]) -> str:
    measured = f"{part['test_ratings']:,} ratings" if part["models"] else "too few to measure"
    return f"{TITLES[name].format(**part)}: {measured}"


def _rows(holdout: dict[str, Any]) -> Iterator[Row]:
    if not holdout["models"]:
        return
    yield HEADER
    models = dict(holdout["models"])
    if holdout.get("noise_floor"):
        models["noise floor"] = holdout["noise_floor"]
    for name, errors in models.items():
        yield (
            name.replace("_", " "),
            *(f"{errors[metric]:.4f}" for metric in ("rmse", "mse", "mae")),
        )
