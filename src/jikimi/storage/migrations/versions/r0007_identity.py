"""Passkeys, locks, checks of identity, accepted terms, what needs a second person, and lines that wait for the ledger.

Sessions from before stay as they are, signed in by a code: where a passkey is asked for, they only let somebody make one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "passkeys",
    "failures",
    "app_locks",
    "sso_subjects",
    "identity_checks",
    "acceptances",
    "second_requests",
    "ledger_lines",
)


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column("invitations", sa.Column("name", sa.Text))
    op.add_column("invitations", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_invitations_name", "invitations", ["name"])
    op.add_column("sessions", sa.Column("how", sa.Text, nullable=False, server_default="code"))
    op.add_column("sessions", sa.Column("is_locked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("account_acts", sa.Column("shell", sa.Text))
    _people()
    _acts()


def _people() -> None:
    op.create_table(
        "passkeys",
        sa.Column("credential_id", sa.LargeBinary, primary_key=True),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False, index=True),
        sa.Column("handle", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
    )
    op.create_table(
        "failures",
        sa.Column("audience", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "app_locks",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("pin", sa.Text),
        sa.Column("after_s", sa.Integer, nullable=False),
    )
    op.create_table(
        "sso_subjects",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )


def _acts() -> None:
    op.create_table(
        "identity_checks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person_id", sa.Text, nullable=False, index=True),
        sa.Column("order_id", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "acceptances",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("policy_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "second_requests",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("state", sa.Text, nullable=False, index=True),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ledger_lines",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("is_written", sa.Boolean, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Remove them: a code alone opens everything again, and passkeys have to be made anew."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("account_acts", "shell")
    for column in ("is_locked", "how"):
        op.drop_column("sessions", column)
    op.drop_index("ix_invitations_name", "invitations")
    for column in ("failures", "name"):
        op.drop_column("invitations", column)
