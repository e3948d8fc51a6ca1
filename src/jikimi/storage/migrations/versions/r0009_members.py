"""The pairs of a mass silence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "incident_members",
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("pair_id", sa.Text, primary_key=True),
        sa.Column("place", sa.Float, nullable=False),
        sa.Column("is_told", sa.Boolean, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_incident_members_place", "incident_members", ["incident_id", "place", "pair_id"])
    op.create_index("ix_incident_members_told", "incident_members", ["incident_id", "is_told", "place", "pair_id"])


def downgrade() -> None:
    """Remove it: an open mass silence then names no members."""
    op.drop_table("incident_members")
