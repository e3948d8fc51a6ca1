"""Her sealed papers in SQL. They lie in the register's encrypted file, sealed once more under a key that only she has."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from jikimi.model.papers import Filing, Helper, Paper, PaperKind
from jikimi.storage.database import writing
from jikimi.storage.register import begin_session
from jikimi.storage.rows import Rows
from jikimi.storage.schema import filings, helpers, papers

AUDIENCE = "helper"
HOW = "link"
_encode = msgspec.msgpack.Encoder().encode
_helper = msgspec.msgpack.Decoder(Helper).decode
_filing = msgspec.msgpack.Decoder(Filing).decode
_MINE = (papers.c.name, papers.c.kind, papers.c.version, papers.c.at_ms, papers.c.entry, sa.func.length(papers.c.body).label("size"))


class _Rows(Rows):
    def put_helper(self, helper: Helper) -> None:
        self._put(
            helpers,
            {"helper_id": helper.helper_id, "person_id": helper.person_id, "token_sha256": helper.token_sha256, "body": _encode(helper)},
        )

    def helper(self, helper_id: str) -> Helper | None:
        body = self._body(sa.select(helpers.c.body).where(helpers.c.helper_id == helper_id))
        return None if body is None else _helper(body)

    def put_filing(self, filing: Filing, package: bytes) -> None:
        row = {"petition_id": filing.petition_id, "person_id": filing.person_id, "body": _encode(filing), "package": package}
        self._put(filings, row)


class SqlPapers:
    """Keeps papers, helpers and filings. Synchronous; any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    # -- papers --------------------------------------------------------------------------------------------------

    def all_of(self, person_id: str) -> list[Paper]:
        """Return what a person keeps, without its content, the oldest first."""
        query = sa.select(*_MINE).where(papers.c.person_id == person_id).order_by(papers.c.at_ms, papers.c.name)
        with self._engine.connect() as connection:
            return [_paper(row) for row in connection.execute(query)]

    def paper(self, person_id: str, name: str) -> Paper | None:
        """Return one, without its content, or None."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(*_MINE).where(*_key(person_id, name))).one_or_none()
        return None if row is None else _paper(row)

    def body(self, person_id: str, name: str) -> bytes | None:
        """Return the sealed bytes of one, or None."""
        with self._engine.connect() as connection:
            found: bytes | None = connection.execute(sa.select(papers.c.body).where(*_key(person_id, name))).scalar()
        return found

    def write(self, person_id: str, paper: Paper, body: bytes) -> bool:
        """Write a paper whose version is one more than what is kept; return whether it was, or somebody was quicker."""
        with writing(self._engine) as connection, connection.begin():
            before = connection.execute(sa.select(papers.c.version).where(*_key(person_id, paper.name))).scalar()
            if paper.version != (before or 0) + 1:
                return False
            connection.execute(sa.delete(papers).where(*_key(person_id, paper.name)))
            values = {"kind": paper.kind.value, "version": paper.version, "at_ms": paper.at_ms, "entry": paper.entry}
            connection.execute(sa.insert(papers).values(person_id=person_id, name=paper.name, body=body, **values))
        return True

    def drop(self, person_id: str, name: str) -> None:
        """Take a paper away, with the helpers of it."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(papers).where(*_key(person_id, name)))
            for body in connection.execute(sa.select(helpers.c.body).where(helpers.c.person_id == person_id)).scalars().all():
                one = _helper(body)
                if one.paper == name:
                    connection.execute(sa.delete(helpers).where(helpers.c.helper_id == one.helper_id))

    # -- helpers -------------------------------------------------------------------------------------------------

    def put_helper(self, helper: Helper) -> None:
        """Keep a helper as it is now."""
        with writing(self._engine) as connection, connection.begin():
            _Rows(connection).put_helper(helper)

    def helper(self, helper_id: str) -> Helper | None:
        """Return one, or None."""
        with self._engine.connect() as connection:
            return _Rows(connection).helper(helper_id)

    def helper_by(self, token_sha256: bytes) -> Helper | None:
        """Return whose link proves itself by this, or None."""
        with self._engine.connect() as connection:
            bodies = connection.execute(sa.select(helpers.c.body).where(helpers.c.token_sha256 == token_sha256)).scalars().all()
        return _helper(bodies[0]) if bodies else None

    def helpers_of(self, person_id: str) -> list[Helper]:
        """Return whom a person invited, the first one first."""
        with self._engine.connect() as connection:
            bodies = connection.execute(sa.select(helpers.c.body).where(helpers.c.person_id == person_id)).scalars()
            return sorted(map(_helper, bodies), key=lambda one: (one.made_ms, one.helper_id))

    def exchange(self, helper: Helper) -> str | None:
        """Keep a helper as having opened the link and begin the session; None where it was opened or ended meanwhile."""
        with writing(self._engine) as connection, connection.begin():
            rows = _Rows(connection)
            before = rows.helper(helper.helper_id)
            if before is None or before.opened_ms is not None:
                return None
            rows.put_helper(helper)
            return begin_session(connection, AUDIENCE, helper.helper_id, helper.until_ms, HOW)

    def end_helper(self, helper_id: str) -> None:
        """Take a helper away, with the key that was wrapped for the link."""
        with writing(self._engine) as connection, connection.begin():
            connection.execute(sa.delete(helpers).where(helpers.c.helper_id == helper_id))

    # -- filings -------------------------------------------------------------------------------------------------

    def put_filing(self, filing: Filing, package: bytes) -> None:
        """Keep a filing as it is now; ``package`` is sealed to the court."""
        with writing(self._engine) as connection, connection.begin():
            _Rows(connection).put_filing(filing, package)

    def filing(self, petition_id: str) -> tuple[Filing, bytes] | None:
        """Return one with its package, or None."""
        query = sa.select(filings.c.body, filings.c.package).where(filings.c.petition_id == petition_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_filing(row.body), row.package)


def _key(person_id: str, name: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return papers.c.person_id == person_id, papers.c.name == name


def _paper(row: Any) -> Paper:
    return Paper(name=row.name, kind=PaperKind(row.kind), version=row.version, at_ms=row.at_ms, size=row.size, entry=row.entry)
