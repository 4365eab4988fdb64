"""users, items, interactions and loads"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A revision describes the past: it spells its types out and does not follow shared.database.tables.
ID = sa.String(64).with_variant(
    mysql.VARCHAR(64, charset="utf8mb4", collation="utf8mb4_0900_bin"), "mysql"
)
COUNTER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
DOUBLE = sa.Float(53).with_variant(mysql.DOUBLE(), "mysql")
TIME = sa.String(24).with_variant(mysql.DATETIME(fsp=3), "mysql")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", ID, primary_key=True),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "items",
        sa.Column("item_id", ID, primary_key=True),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("category", sa.String(200), nullable=False),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "interactions",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("event_id", ID, nullable=False, unique=True),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("event_type", sa.String(16), nullable=False),
        sa.Column("rating", DOUBLE),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("recommendation_id", sa.String(128)),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_index("ix_interactions_history", "interactions", ["user_id", "occurred_at", "id"])
    op.create_table(
        "loads",
        sa.Column("id", COUNTER, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("rating_min", DOUBLE),
        sa.Column("rating_max", DOUBLE),
        sa.Column("rows_added", sa.BigInteger, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
    )


def downgrade() -> None:
    for table in ("loads", "interactions", "items", "users"):
        op.drop_table(table)
