"""The register's tables, as the newest migration leaves them.

A device and an order are stored whole, as MessagePack with their fields' names: the register is read as a whole at every
start, and one column decodes several times faster than fifteen. A field that is added with a default needs no migration.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

REVISION: Final = "0001"
"""The newest step under ``migrations/versions``."""

metadata: Final = sa.MetaData()

persons: Final = sa.Table(
    "persons",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
)

devices: Final = sa.Table(
    "devices",
    metadata,
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

orders: Final = sa.Table(
    "orders",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Neither codes nor tokens are stored, only their digests: who reads the register can use neither.
invitations: Final = sa.Table(
    "invitations",
    metadata,
    sa.Column("code_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)

sessions: Final = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)

# One row: counts the transactions that changed devices or orders, so that others notice cheaply.
changes: Final = sa.Table(
    "changes",
    metadata,
    sa.Column("version", sa.BigInteger, nullable=False),
)
