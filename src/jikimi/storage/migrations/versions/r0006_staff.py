"""Accounts of staff and the acts on them.

Whoever sits at a desk, or holds a code for one, gets an operator's account: an update must not empty a control room.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and an account for everybody who may already sign in at the desk."""
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "account_acts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False, index=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("is_written", sa.Boolean, nullable=False, index=True),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO accounts (name, role, status, made_ms) SELECT subject, 'operator', 'active', 0 FROM "
        "(SELECT subject FROM sessions WHERE audience = 'desk' UNION SELECT subject FROM invitations WHERE audience = 'desk') AS seated"
    )


def downgrade() -> None:
    """Remove them: whoever has a session may do everything again, as before there were accounts."""
    for table in ("account_acts", "accounts"):
        op.drop_table(table)
