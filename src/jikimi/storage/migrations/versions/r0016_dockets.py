"""A court's docket: the sealed packages that it received, where each petition stands, and what was done about it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "dockets",
        sa.Column("court_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("petition_id", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("package", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_dockets_petition_id", "dockets", ["petition_id"])
    op.create_table(
        "docket_entries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("court_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_docket_entries_number", "docket_entries", ["court_id", "number"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("docket_entries")
    op.drop_table("dockets")
