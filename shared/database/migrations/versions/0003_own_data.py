"""interactions without time, with a value, of own types, by load; several categories; merges"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Connection

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(64).with_variant(
    mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_0900_bin"), "mysql"
)
COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOUBLE = sa.Float(53).with_variant(mysql.DOUBLE(), "mysql")
TIME = sa.String(24).with_variant(mysql.DATETIME(fsp=3), "mysql")
BATCH_ROWS = 5_000


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "mysql":
        _alter_interactions()
    else:
        _copy_interactions()
    for name in ("rows_present", "rows_rejected"):
        op.add_column("loads", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    _give_rows_their_load(connection)
    _forget_times_of_imports(connection)
    _split_categories(connection)
    op.create_table(
        "merges",
        sa.Column("user_id", ID, primary_key=True),
        sa.Column("into_user_id", ID, nullable=False),
        sa.Column("merged_at", TIME, nullable=False),
    )
    op.create_index("ix_merges_into", "merges", ["into_user_id"])


def _alter_interactions() -> None:
    """One statement, so that MySQL rebuilds the table once."""
    op.execute(
        "ALTER TABLE interactions MODIFY event_type VARCHAR(32) NOT NULL, "
        "ADD COLUMN value DOUBLE NULL AFTER rating, MODIFY occurred_at DATETIME(3) NULL, "
        "ADD COLUMN load_id BIGINT NULL"
    )


def _copy_interactions() -> None:
    """SQLite cannot make a column nullable."""
    op.rename_table("interactions", "interactions_before")
    op.drop_index("ix_interactions_history", "interactions_before")
    columns = "id, event_id, user_id, item_id, event_type, rating, occurred_at, recommendation_id"
    op.create_table(
        "interactions",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("event_id", ID, nullable=False, unique=True),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("event_type", sa.String(32), nullable=False),
        sa.Column("rating", DOUBLE),
        sa.Column("value", DOUBLE),
        sa.Column("occurred_at", TIME),
        sa.Column("recommendation_id", sa.String(128)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("load_id", sa.BigInteger),
    )
    op.execute(
        f"INSERT INTO interactions ({columns}, created_at) "
        f"SELECT {columns}, created_at FROM interactions_before ORDER BY id"
    )
    op.drop_table("interactions_before")
    op.create_index("ix_interactions_history", "interactions", ["user_id", "occurred_at", "id"])


def _loads(connection: Connection) -> Sequence[sa.Row[Any]]:
    query = sa.text("SELECT id, kind, settings, started_at FROM loads ORDER BY id")
    return connection.execute(query).all()


def _give_rows_their_load(connection: Connection) -> None:
    """A load wrote its own beginning into its rows, those of an interrupted run aside."""
    statement = sa.text("UPDATE interactions SET load_id = :load WHERE created_at = :began")
    for load in _loads(connection):
        connection.execute(statement, {"load": load.id, "began": load.started_at})


def _forget_times_of_imports(connection: Connection) -> None:
    """Imports of files without times gave all their rows the moment at which they began, also those
    of a later run that completed them."""
    statement = sa.text(
        "UPDATE interactions SET occurred_at = NULL "
        "WHERE occurred_at = :began AND (load_id = :load OR load_id IS NULL)"
    )
    for load in _loads(connection):
        settings = load.settings if isinstance(load.settings, dict) else json.loads(load.settings)
        if load.kind == "import" and "time" not in settings.get("columns", {"time": ""}):
            connection.execute(statement, {"load": load.id, "began": load.started_at})


def _split_categories(connection: Connection) -> None:
    """ "Action|Comedy" was one text and becomes two names."""
    with op.batch_alter_table("items") as items:
        items.add_column(sa.Column("categories", sa.JSON, nullable=True))
    update = sa.text("UPDATE items SET categories = :categories WHERE item_id = :item_id")
    page = sa.text(
        "SELECT item_id, category FROM items WHERE item_id > :after ORDER BY item_id LIMIT :rows"
    )
    after = ""
    while rows := connection.execute(page, {"after": after, "rows": BATCH_ROWS}).all():
        connection.execute(
            update,
            [{"item_id": item, "categories": json.dumps(_names(text))} for item, text in rows],
        )
        after = rows[-1].item_id
    with op.batch_alter_table("items") as items:
        items.alter_column("categories", existing_type=sa.JSON, nullable=False)
        items.drop_column("category")


def _names(category: str) -> list[str]:
    parts = (part.strip() for part in category.split("|"))
    return list(dict.fromkeys(filter(None, parts)))


def downgrade() -> None:
    raise NotImplementedError("a time that is not known has no place in the tables before")
