"""The outcome register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "outcome_rows",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("policy_id", sa.Text, nullable=False, index=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outcome_groups",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("word", sa.Text, nullable=False),
    )
    op.create_table(
        "outcome_findings",
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "outcome_drops",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "outcome_releases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Remove them: what was counted of erased orders is lost."""
    for name in ("outcome_releases", "outcome_drops", "outcome_findings", "outcome_groups", "outcome_rows"):
        op.drop_table(name)
