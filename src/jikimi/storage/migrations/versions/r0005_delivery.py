"""How far followers have come, and where recipients of notices are reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.add_column("outbox", sa.Column("about", sa.Text))
    op.create_index("ix_outbox_about", "outbox", ["about"])
    op.create_table("cursors", sa.Column("name", sa.Text, primary_key=True), sa.Column("number", sa.BigInteger, nullable=False))
    op.create_table(
        "addresses",
        sa.Column("recipient_id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Remove them: notices are read anew from the first, and recipients have to give their addresses again."""
    for table in ("addresses", "cursors"):
        op.drop_table(table)
    op.drop_index("ix_outbox_about", "outbox")
    op.drop_column("outbox", "about")
