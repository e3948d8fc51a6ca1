"""The first register: persons, devices, orders, invitations, sessions, and a count of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("persons", sa.Column("person_id", sa.Text, primary_key=True), sa.Column("label", sa.Text, nullable=False))
    for table, name in (("devices", "device_id"), ("orders", "order_id")):
        op.create_table(table, sa.Column(name, sa.Text, primary_key=True), sa.Column("body", sa.LargeBinary, nullable=False))
    for table, name in (("invitations", "code_sha256"), ("sessions", "token_sha256")):
        op.create_table(
            table,
            sa.Column(name, sa.LargeBinary, primary_key=True),
            sa.Column("audience", sa.Text, nullable=False),
            sa.Column("subject", sa.Text, nullable=False),
            sa.Column("until_ms", sa.BigInteger, nullable=False),
        )
    op.create_table("changes", sa.Column("version", sa.BigInteger, nullable=False))
    op.execute("INSERT INTO changes (version) VALUES (0)")


def downgrade() -> None:
    """Remove them, and everything in them."""
    for table in ("changes", "sessions", "invitations", "orders", "devices", "persons"):
        op.drop_table(table)
