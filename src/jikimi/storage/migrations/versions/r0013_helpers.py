"""A helper is found by what the link proves itself by. There was no way to invite anybody before, so the table is empty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew with its key."""
    op.drop_table("helpers")
    op.create_table(
        "helpers",
        sa.Column("helper_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, nullable=False, index=True),
        sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Make it as it was: who was invited has to be invited again."""
    op.drop_table("helpers")
    op.create_table(
        "helpers",
        sa.Column("helper_id", sa.Text, primary_key=True),
        sa.Column("person_id", sa.Text, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
