"""An account may belong to courts. Accounts of courts that were made before belong to none, and see nothing until they do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the courts of accounts and of the acts on them."""
    for table in ("accounts", "account_acts"):
        op.add_column(table, sa.Column("courts", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Forget them."""
    for table in ("accounts", "account_acts"):
        op.drop_column(table, "courts")
