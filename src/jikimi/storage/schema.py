"""The register's tables, as the newest migration leaves them.

A device and an order are stored whole, as MessagePack with their fields' names: the register is read as a whole at every
start, and one column decodes several times faster than fifteen. A field that is added with a default needs no migration.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

REVISION: Final = "0016"
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

# Neither codes nor tokens are stored, only their digests: who reads the register can use neither. ``name`` is the first half of a code, by
# which a wrong one is counted against the right invitation and no other.
invitations: Final = sa.Table(
    "invitations",
    metadata,
    sa.Column("code_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, index=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
)

# ``how`` somebody signed in: by a code, a passkey, or an organisation's single sign-on. ``is_locked``: shows nothing until it is unlocked.
sessions: Final = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_sha256", sa.LargeBinary, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("how", sa.Text, nullable=False, server_default="code"),
    sa.Column("is_locked", sa.Boolean, nullable=False, server_default=sa.false()),
)

# One row: counts the transactions that changed devices or orders, so that others notice cheaply.
changes: Final = sa.Table(
    "changes",
    metadata,
    sa.Column("version", sa.BigInteger, nullable=False),
)

# What a court wrote, with its clockwork; the table ``orders`` above is what the core is told of it. ``due_ms`` is when time alone
# changes the row next: the clerk wakes then, and looks for nothing in between.
dossiers: Final = sa.Table(
    "dossiers",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("due_ms", sa.BigInteger, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

order_parties: Final = sa.Table(
    "order_parties",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True, index=True),
    sa.Column("role", sa.Text, primary_key=True),
)

order_events: Final = sa.Table(
    "order_events",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.Text, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Keyed hashes of identifiers. No identifier is stored anywhere.
marks: Final = sa.Table(
    "marks",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, primary_key=True, index=True),
    sa.Column("exact", sa.Boolean, nullable=False),
)

tasks: Final = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("done_ms", sa.BigInteger),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

links: Final = sa.Table(
    "links",
    metadata,
    sa.Column("link_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("tag_order_id", sa.Text, nullable=False, index=True),
    sa.Column("opened_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

funnels: Final = sa.Table(
    "funnels",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("due_ms", sa.BigInteger, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

assignments: Final = sa.Table(
    "assignments",
    metadata,
    sa.Column("device_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("due_ms", sa.BigInteger, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Every notice with its way through the channels. ``number`` grows and is never given twice: the runner asks for what is newer.
outbox: Final = sa.Table(
    "outbox",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("notice_key", sa.Text, nullable=False, unique=True),
    sa.Column("is_open", sa.Boolean, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("about", sa.Text, index=True),
    sqlite_autoincrement=True,
)

# ``open_pair_id`` is what people work on as one thing (a pair, or a man and a woman): set while the incident is open and empty
# afterwards, so that one is open at most, by the table itself.
incidents: Final = sa.Table(
    "incidents",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("open_pair_id", sa.Text, unique=True),
    sa.Column("due_ms", sa.BigInteger, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

incident_entries: Final = sa.Table(
    "incident_entries",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# The pairs of a mass silence. ``place`` sorts them, the worst first; ``ended_ms`` is set when a pair is seen again.
incident_members: Final = sa.Table(
    "incident_members",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("pair_id", sa.Text, primary_key=True),
    sa.Column("place", sa.Float, nullable=False),
    sa.Column("is_told", sa.Boolean, nullable=False),
    sa.Column("ended_ms", sa.BigInteger),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_incident_members_place", "incident_id", "place", "pair_id"),
    sa.Index("ix_incident_members_told", "incident_id", "is_told", "place", "pair_id"),
)

# Which signals were taken in, so that one that comes again after a restart opens nothing twice.
incident_signals: Final = sa.Table(
    "incident_signals",
    metadata,
    sa.Column("signal_id", sa.Text, primary_key=True),
)

duties: Final = sa.Table(
    "duties",
    metadata,
    sa.Column("operator", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# What incidents ask delivery to tell. Written in the incident's transaction; ``number`` grows and is never given twice.
notices: Final = sa.Table(
    "notices",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("notice_id", sa.Text, nullable=False, unique=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# How far a follower of something numbered has come, by its name.
cursors: Final = sa.Table(
    "cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

# Where a recipient of notices is reached: a person, a member of staff or an agency; one address a channel, the newest.
addresses: Final = sa.Table(
    "addresses",
    metadata,
    sa.Column("recipient_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
)

# Accounts of staff, and what was done to them. ``is_written``: whether the ledger holds the act, too.
accounts: Final = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    # Names of courts, with a space between.
    sa.Column("courts", sa.Text, nullable=False, server_default=""),
)

account_acts: Final = sa.Table(
    "account_acts",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("done_by", sa.Text, nullable=False),
    sa.Column("is_written", sa.Boolean, nullable=False, index=True),
    sa.Column("shell", sa.Text),
    sa.Column("courts", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

# Public keys of passkeys. ``handle`` is what an authenticator knows somebody by: random, the same for all passkeys of one subject.
passkeys: Final = sa.Table(
    "passkeys",
    metadata,
    sa.Column("credential_id", sa.LargeBinary, primary_key=True),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False, index=True),
    sa.Column("handle", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("used_ms", sa.BigInteger),
)

# Failures to prove oneself since the last success: of an account, or of somebody's app lock.
failures: Final = sa.Table(
    "failures",
    metadata,
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

# Her app lock: a PIN, hashed by Argon2 since it has few digits, after how long away it is asked for, and when one was last tried.
app_locks: Final = sa.Table(
    "app_locks",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("pin", sa.Text),
    sa.Column("after_s", sa.Integer, nullable=False),
    sa.Column("tried_ms", sa.BigInteger),
)

# Who an organisation's single sign-on says is whom; an account keeps the first subject that signed in as it.
sso_subjects: Final = sa.Table(
    "sso_subjects",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
)

identity_checks: Final = sa.Table(
    "identity_checks",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("person_id", sa.Text, nullable=False, index=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("done_by", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

acceptances: Final = sa.Table(
    "acceptances",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("policy_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

# What needs a second person: asked, and confirmed by another one. Rows are kept after they are settled.
second_requests: Final = sa.Table(
    "second_requests",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Lines that wait for the ledger: written in the transaction of the act, by whichever process, and copied by the running server.
ledger_lines: Final = sa.Table(
    "ledger_lines",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("is_written", sa.Boolean, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# What courts hold back; which erasures are under way, with how much of it they took so far; and whom the ledger is to forget when the
# register has forgotten them already.
holds: Final = sa.Table(
    "holds",
    metadata,
    sa.Column("hold_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False, index=True),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

erasures: Final = sa.Table(
    "erasures",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("data", sa.Text, primary_key=True),
    sa.Column("begun_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
)

ledger_dues: Final = sa.Table(
    "ledger_dues",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
)

# Officers' links to one incident. The link itself is not kept, only what it is made of; see ``incidents/links.py``.
field_links: Final = sa.Table(
    "field_links",
    metadata,
    sa.Column("link_id", sa.Text, primary_key=True),
    sa.Column("incident_id", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# What she keeps here. ``body`` is sealed under a key that only she has: this server cannot read it. ``entry`` is the line in the ledger of
# an entry of her diary.
papers: Final = sa.Table(
    "papers",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("entry", sa.BigInteger),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Whom she invited to help with one petition; ended by her, the row goes.
helpers: Final = sa.Table(
    "helpers",
    metadata,
    sa.Column("helper_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, nullable=False, index=True),
    sa.Column("token_sha256", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

# Petitions on their way to a court. ``package`` is sealed to that court's key.
filings: Final = sa.Table(
    "filings",
    metadata,
    sa.Column("petition_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("package", sa.LargeBinary, nullable=False),
)

# What courts received. ``package`` is sealed to that court's key, and so are the words within an entry; ``body`` says where it stands.
dockets: Final = sa.Table(
    "dockets",
    metadata,
    sa.Column("court_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("petition_id", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("package", sa.LargeBinary, nullable=False),
)
docket_entries: Final = sa.Table(
    "docket_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("court_id", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_docket_entries_number", "court_id", "number"),
)

# The outcome register. A row names nobody: it is written when what it was counted from is erased. ``outcome_groups`` tells rows of one
# order from those of another while the order is there. Releases are kept as they were published, and printed again and never made again.
outcome_rows: Final = sa.Table(
    "outcome_rows",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("policy_id", sa.Text, nullable=False, index=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

outcome_groups: Final = sa.Table(
    "outcome_groups",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, nullable=False),
)

# What people found out afterwards, and why somebody declined or left.
outcome_findings: Final = sa.Table(
    "outcome_findings",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

outcome_drops: Final = sa.Table(
    "outcome_drops",
    metadata,
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("why", sa.Text, nullable=False),
)

outcome_releases: Final = sa.Table(
    "outcome_releases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
