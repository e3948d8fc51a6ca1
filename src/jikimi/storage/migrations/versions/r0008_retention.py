"""Retention: what courts hold back, which erasures are under way, and whom the ledger is to forget when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.Text, primary_key=True),
        sa.Column("order_id", sa.Text, nullable=False, index=True),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column("data", sa.Text, primary_key=True),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
    )
    op.create_table(
        "ledger_dues",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Remove them. Holds are lost with them: nothing is erased by the older program."""
    for table in ("ledger_dues", "erasures", "holds"):
        op.drop_table(table)
