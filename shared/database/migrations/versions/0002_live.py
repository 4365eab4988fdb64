"""what serving follows: revisions of the catalogue, and tombstones of erased users"""

import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.String(24).with_variant(mysql.DATETIME(fsp=3), "mysql")


def upgrade() -> None:
    with op.batch_alter_table("items") as items:
        items.add_column(sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"))
        items.create_index("ix_items_revision", ["revision"])
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revisions, [{"name": "catalogue", "value": 0}])
    op.create_table(
        "tombstones",
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("erased_at", TIME, nullable=False),
    )
    salts = op.create_table(
        "salts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("salt", sa.String(32), nullable=False),
    )
    op.bulk_insert(salts, [{"name": "tombstones", "salt": secrets.token_hex(16)}])


def downgrade() -> None:
    for table in ("salts", "tombstones", "revisions"):
        op.drop_table(table)
    with op.batch_alter_table("items") as items:
        items.drop_index("ix_items_revision")
        items.drop_column("revision")
