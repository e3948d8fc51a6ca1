"""Brings a register's schema up or down, by the steps in ``migrations/versions``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from jikimi.storage.database import RegisterRefusedError, revision_of

SCRIPTS: Final = Path(__file__).parent / "migrations"


def steps() -> list[str]:
    """Return the names of all steps, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()][::-1]


def migrate(connection: sa.Connection, revision: str) -> None:
    """Bring the schema up or down to ``revision`` (``base`` for an empty one), wholly or not at all.

    Args:
        connection: from ``database.writing``, with no transaction begun.
        revision: a step's name, or ``base``.

    Raises:
        RegisterRefusedError: the database is at a step that this program does not know.
    """
    config = _config()
    config.attributes["connection"] = connection
    order = ["base", *steps()]
    with connection.begin():
        now = revision_of(connection) or "base"
        if now not in order:
            raise RegisterRefusedError("The register was written by a newer version of this program.")
        if order.index(now) < order.index(revision):
            command.upgrade(config, revision)
        elif now != revision:
            command.downgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
