"""A disk that takes nothing is one answer at every door: 503, one sentence, come back; a fault of another kind is still a fault."""

from __future__ import annotations

import errno
import sqlite3

import pytest
import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from jikimi.apps.storing import MESSAGE, not_stored
from jikimi.delivery.ports import ShelfFailedError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.ingest.ports import IntakeFailedError
from jikimi.runtime.ports import JournalFailedError
from tests.apps.client import Browser, World
from tests.apps.jump_loop import run


def full(module):
    """Return what a database with no room says, as SQLAlchemy passes it on."""
    raw = module.connect(":memory:")
    raw.execute("CREATE TABLE kept (what TEXT)")
    raw.execute("PRAGMA max_page_count = 2")
    engine = sa.create_engine("sqlite://", creator=lambda: raw, module=module, poolclass=sa.StaticPool)
    with pytest.raises(sa.exc.OperationalError) as caught, engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO kept VALUES (:what)"), {"what": "x" * 100_000})
    return caught.value


def caused_by(cause):
    error = RuntimeError("outer")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        full(sqlite3),
        full(sqlcipher),
        caused_by(full(sqlcipher)),
        OSError(errno.ENOSPC, "no"),
        OSError(errno.EROFS, "no"),
        IntakeFailedError(),
        JournalFailedError("full"),
        ShelfFailedError(),
        LedgerUnavailableError("full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_a_disk_did_not_take_is_known(error):
    assert not_stored(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("no"),
        OSError(errno.ECONNRESET, "no"),
        sqlite3.OperationalError("no such table: kept"),
        sa.exc.IntegrityError("", {}, ValueError()),
    ],
)
def test_another_fault_is_none_of_it(error):
    assert not not_stored(error)


@pytest.mark.parametrize("audience", ["protected", "desk"])
def test_a_code_at_a_full_disk_is_answered_with_come_back_and_can_be_used_later(audience):
    async def whole():
        world = World()
        world.register.codes["7KQ2M-9XWPA"] = (audience, "somebody")
        guest = Browser(getattr(world, audience), audience)
        redeem = world.register.redeem

        def refuse(*_):
            raise full(sqlcipher)

        world.register.redeem = refuse
        answer = await guest.post("/api/pair", {"code": "7KQ2M-9XWPA"})
        assert (answer.status, answer.json) == (503, {"error": "not_stored", "message": MESSAGE})
        assert answer.headers["retry-after"] == "2"
        world.register.redeem = redeem
        assert (await guest.post("/api/pair", {"code": "7KQ2M-9XWPA"})).status == 204

    run(whole())


@pytest.mark.parametrize(
    ("method", "path", "body", "write"),
    [("DELETE", "/api/session", None, "end_session"), ("POST", "/api/handset", {"protocol": "owntracks"}, "add_device")],
)
def test_its_siblings_that_write_to_the_register_answer_alike(method, path, body, write):
    async def whole():
        world = World()

        def refuse(*_):
            raise full(sqlcipher)

        setattr(world.register, write, refuse)
        answer = await world.her.call(method, path, body)
        assert (answer.status, answer.json) == (503, {"error": "not_stored", "message": MESSAGE})

    run(whole())
