"""Incidents with their histories, who is on duty, and the notices to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("open_pair_id", sa.Text, unique=True),
        sa.Column("due_ms", sa.BigInteger, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "incident_entries",
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table("incident_signals", sa.Column("signal_id", sa.Text, primary_key=True))
    op.create_table("duties", sa.Column("operator", sa.Text, primary_key=True), sa.Column("body", sa.LargeBinary, nullable=False))
    op.create_table(
        "notices",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("notice_id", sa.Text, nullable=False, unique=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Remove them, and every incident in them."""
    for table in ("notices", "duties", "incident_signals", "incident_entries", "incidents"):
        op.drop_table(table)
