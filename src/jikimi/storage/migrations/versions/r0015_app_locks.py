"""A lock remembers when a PIN was last tried, so that the waits hold over a restart. Nobody had a lock before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column."""
    op.add_column("app_locks", sa.Column("tried_ms", sa.BigInteger))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("app_locks", "tried_ms")
