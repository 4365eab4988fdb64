"""What an import would take of time and of the database's disk."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from shared.database import tables

_ENOUGH_ROWS = 20_000  # of an import, for its rate to say something


class Rate(NamedTuple):
    """Rows a second and bytes a row, and where they were measured."""

    rows_per_second: float
    bytes_per_row: float
    measured: str


# `python -m benchmarks importing` measures both (docs/benchmarks.md).
_BENCHMARKED = {
    "sqlite": Rate(20_000, 230, "300,000 ratings into SQLite on two cores"),
    "mysql": Rate(20_000, 270, "300,000 ratings into MySQL on two cores"),
}


class Cost(NamedTuple):
    """Seconds and megabytes that rows would take, and how that was estimated."""

    seconds: float
    megabytes: float
    how: str

    def __str__(self) -> str:
        return (
            f"about {self.seconds:,.0f} seconds and {self.megabytes:,.1f} MB in the database "
            f"({self.how})"
        )


def estimate(engine: Engine | None, dialect: str, rows: int, added: int) -> Cost:
    """What it would cost to read `rows` and add `added` of them, at the rate of the last large
    import into this database, or else at that of the benchmark."""
    rate = _BENCHMARKED[dialect]
    last = _last_import(engine) if engine is not None else None
    if last is not None:
        rate = rate._replace(rows_per_second=last, measured="the last large import here")
    how = (
        f"{rate.rows_per_second:,.0f} rows a second: {rate.measured}; {rate.bytes_per_row:,.0f} "
        "bytes a row with its indexes, as benchmarked with ids of 5 letters"
    )
    return Cost(rows / rate.rows_per_second, added * rate.bytes_per_row / 1e6, how)


def _last_import(engine: Engine) -> float | None:
    """Rows a second."""
    loads = tables.loads
    query = (
        sa.select(loads.c.rows_added, loads.c.started_at, loads.c.finished_at)
        .where(
            loads.c.kind == "import",
            loads.c.finished_at.is_not(None),
            loads.c.rows_added >= _ENOUGH_ROWS,
        )
        .order_by(loads.c.id.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    took: dt.timedelta = row.finished_at - row.started_at
    return float(row.rows_added / max(took.total_seconds(), 1e-3))
