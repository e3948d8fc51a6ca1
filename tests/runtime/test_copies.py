"""A copy for an investigation: by a court's permission, or in an emergency that ends in erasure. The clock outlives the process."""

from __future__ import annotations

import asyncio
import hashlib

import msgspec
import pytest

from jikimi.apps.copies import Asked
from jikimi.disclosure.copying import CopyError, Decision, Status
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.vigil import Unusual
from jikimi.runtime.copies import CopyRoom
from jikimi.storage.oversight import FILE, SqlOversight
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS, ORDER
from tests.runtime.fake_ledger import FakeLedger

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
SECRET = b'{"latitude":37.5665350}\n'
DOCUMENT = hashlib.sha256(b"the court's letter").hexdigest()
DECISION = Decision(
    court="Seoul Central District Court", number="2026-cho-77", decided_ms=NOW_MS, until_ms=NOW_MS + 10 * DAY_MS, document=DOCUMENT
)
FRANCE = msgspec.structs.replace(KOREA, access=msgspec.structs.replace(KOREA.access, emergency_s=0.0))


class Archive:
    """The rooms of one server, which may be left and entered again."""

    def __init__(self, folder, policy=KOREA):
        self.folder = folder
        self.ledger = FakeLedger()
        self.now_ms = NOW_MS
        self.policy = policy
        self.findings = []
        self.sent = []
        self.outbox_fails = False
        self.read = []
        self.orders = [ORDER]
        self.enter()

    def enter(self):
        self.books = SqlOversight(self.folder, bytes(32))
        self.room = CopyRoom(
            self.books,
            self.ledger,
            lambda: self.orders,
            lambda _order: self.policy,
            self._history,
            lambda: self.now_ms,
            self._review,
            self._tell,
        )

    def restart(self):
        self.books.close()
        self.enter()

    def _history(self, proof):
        self.read += [(name, *piece) for name in proof.persons for piece in proof.pieces(name)]
        return SECRET

    async def _tell(self, copy):
        if self.outbox_fails:
            raise OSError
        self.sent.append(copy.copy_id)

    async def _review(self, finding):
        self.findings.append(finding)

    def told(self):
        return [(act.act, act.what) for act in self.ledger.acts]


def asked(**fields):
    """An emergency, unless it says otherwise."""
    usual = {"order_id": ORDER.order_id, "person_id": HIM, "reason": "robbery of that night", "from_ms": NOW_MS - 600_000, "to_ms": NOW_MS}
    return Asked(**(usual | {"emergency": True} | fields))


@pytest.fixture
def archive(tmp_path):
    found = Archive(tmp_path)
    yield found
    found.books.close()


def test_an_emergency_without_a_permission_ends_in_erasure_and_a_notice_though_the_server_was_down(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        assert (copy.status, copy.due_ms) == (Status.WAITING, NOW_MS + 36 * HOUR_MS)
        assert await archive.room.read(copy.copy_id, "inspector") == SECRET
        archive.now_ms += 36 * HOUR_MS - 1
        await archive.room.erase_due()
        assert archive.books.data(copy.copy_id) == SECRET
        archive.restart()
        archive.now_ms += HOUR_MS
        with pytest.raises(CopyError, match="stays closed"):
            await archive.room.read(copy.copy_id, "inspector")
        work = asyncio.create_task(archive.room.work())
        for _ in range(200):
            await asyncio.sleep(0.01)
            if archive.books.copy(copy.copy_id).told:
                break
        work.cancel()
        assert archive.books.copy(copy.copy_id).unpermitted
        assert archive.books.data(copy.copy_id) is None
        (finding,) = archive.findings
        assert (finding.kind, finding.viewer) == (Unusual.NO_PERMISSION, "inspector")
        assert archive.told() == [
            ("copied", "history:emergency"),
            ("disclosed", "history:emergency"),
            ("refused", "history:no_permission"),
            ("erased", "copy:no_permission"),
        ]
        assert archive.sent == [copy.copy_id]
        with pytest.raises(CopyError, match="no such copy"):
            await archive.room.read(copy.copy_id, "inspector")
        with pytest.raises(CopyError):
            await archive.room.permit(copy.copy_id, DECISION, "officer")

    asyncio.run(story())


def test_an_outbox_that_fails_keeps_no_copy_alive_and_the_notice_is_owed_until_it_goes(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        archive.now_ms += 37 * HOUR_MS
        archive.outbox_fails = True
        for _ in range(2):
            await archive.room.erase_due()
            with pytest.raises(OSError):
                await archive.room.tell_due()
        assert archive.books.data(copy.copy_id) is None
        archive.restart()
        archive.outbox_fails = False
        for _ in range(2):
            await archive.room.tell_due()
        assert archive.sent == [copy.copy_id], "once"

    asyncio.run(story())


def test_a_permission_recorded_in_time_keeps_the_copy_until_it_ends(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        permitted = await archive.room.permit(copy.copy_id, DECISION, "protection officer")
        seen = msgspec.structs.replace(DECISION, by="protection officer")
        assert (permitted.status, permitted.decision, permitted.due_ms) == (Status.PERMITTED, seen, DECISION.until_ms)
        said = f"(Seoul Central District Court, 2026-cho-77; document sha256 {DOCUMENT}, seen by protection officer)"
        assert archive.ledger.acts[-1].reason.value.endswith(said)
        archive.restart()
        archive.now_ms += 9 * DAY_MS
        await archive.room.erase_due()
        assert await archive.room.read(copy.copy_id, "inspector") == SECRET
        archive.now_ms += DAY_MS
        await archive.room.erase_due()
        assert (archive.books.data(copy.copy_id), archive.findings) == (None, [])
        assert archive.told()[-1] == ("erased", "copy:ended")

    asyncio.run(story())


def test_nothing_is_copied_before_somebody_else_recorded_a_permission(archive):
    """Given an inspector who says that a court permitted it, then nothing is read before another account that saw the letter says so."""

    async def story():
        copy = await archive.room.make(asked(emergency=False), "inspector")
        assert (copy.status, archive.read, archive.told()) == (Status.ASKED, [], [("asked", "history:court_permission")])
        with pytest.raises(CopyError, match="Nothing was copied yet"):
            await archive.room.read(copy.copy_id, "inspector")
        with pytest.raises(CopyError, match="does not record its permission"):
            await archive.room.permit(copy.copy_id, DECISION, "inspector")
        for change, why in WRONG:
            with pytest.raises(CopyError, match=why):
                await archive.room.permit(copy.copy_id, msgspec.structs.replace(DECISION, **change), "dpo")
        assert archive.read == []
        await archive.room.permit(copy.copy_id, DECISION, "dpo")
        assert archive.read == [(HIM, NOW_MS - 600_000, NOW_MS)]
        assert archive.told()[1:] == [("permitted", "history:court_permission"), ("copied", "history:court_permission")]
        assert await archive.room.read(copy.copy_id, "inspector") == SECRET

    asyncio.run(story())


WRONG = [
    ({"number": " "}, "Name the court"),
    ({"document": "letter.pdf"}, "Give the court's document"),
    ({"decided_ms": NOW_MS + 1}, "future"),
    ({"until_ms": NOW_MS}, "has ended"),
    ({"until_ms": NOW_MS + 61 * DAY_MS}, "60 days"),
]


def test_the_gate_is_shown_no_permission_that_the_officer_recorded_himself(archive):
    """Whatever stands in the books: a copy whose own officer, or nobody, recorded its permission stays closed."""

    async def story():
        copy = await archive.room.make(asked(emergency=False), "inspector")
        await archive.room.permit(copy.copy_id, DECISION, "dpo")
        kept = archive.books.copy(copy.copy_id)
        for name in ("inspector", ""):
            archive.books.put_copy(msgspec.structs.replace(kept, decision=msgspec.structs.replace(kept.decision, by=name)))
            with pytest.raises(CopyError, match="stays closed"):
                await archive.room.read(copy.copy_id, "inspector")

    asyncio.run(story())


def test_a_copy_that_nobody_permits_is_given_up_and_was_never_made(archive):
    async def story():
        copy = await archive.room.make(asked(emergency=False), "inspector")
        archive.now_ms = copy.due_ms
        await archive.room.erase_due()
        await archive.room.tell_due()
        assert archive.books.copy(copy.copy_id).status is Status.LAPSED
        assert (archive.read, archive.findings, archive.sent) == ([], [], [])
        assert archive.told()[-1] == ("refused", "history:no_permission")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"reason": " "}, "what the copy is for"),
        ({"to_ms": NOW_MS + 1}, "a past time"),
        ({"from_ms": NOW_MS - 32 * DAY_MS}, "31 days"),
        ({"order_id": "none"}, "no such order"),
        ({"person_id": "stranger"}, "stays closed"),
    ],
)
def test_what_may_not_be_is_refused_before_anything_is_read(archive, fields, why):
    async def story():
        with pytest.raises(CopyError, match=why):
            await archive.room.make(asked(**fields), "inspector")
        assert archive.read == []
        assert {act for act, _ in archive.told()} <= {"refused"}

    asyncio.run(story())


def test_a_law_without_emergencies_wants_the_permission_first(archive):
    async def story():
        archive.policy = FRANCE
        with pytest.raises(CopyError, match="before a court decided"):
            await archive.room.make(asked(), "inspector")

    asyncio.run(story())


def test_what_cannot_be_written_down_is_not_read(archive):
    async def story():
        archive.ledger.broken = True
        with pytest.raises(Exception, match="ledger"):
            await archive.room.make(asked(), "inspector")
        assert archive.read == []

    asyncio.run(story())


def test_a_time_before_the_order_is_refused_and_of_one_across_a_suspension_its_own_pieces_are_read(archive):
    async def story():
        with pytest.raises(CopyError, match="outside the order"):
            await archive.room.make(asked(from_ms=ORDER.from_ms - 1), "inspector")
        assert (archive.read, archive.told()) == ([], [("refused", "history:outside_order")]), "that he tried stands in the ledger"
        later = msgspec.structs.replace(ORDER, order_id=f"{ORDER.order_id}~2", from_ms=NOW_MS - 1_000)
        first = msgspec.structs.replace(ORDER, until_ms=NOW_MS - 5_000)
        archive.orders = [first, later]
        copy = await archive.room.make(asked(from_ms=ORDER.from_ms), "inspector")
        assert archive.read == [(HIM, ORDER.from_ms, NOW_MS - 5_000), (HIM, NOW_MS - 1_000, NOW_MS)]
        assert await archive.room.read(copy.copy_id, "inspector") == SECRET
        with pytest.raises(CopyError, match="suspended for all of it"):
            await archive.room.make(asked(from_ms=NOW_MS - 4_000, to_ms=NOW_MS - 1_000), "inspector")
        assert len(archive.read) == 2

    asyncio.run(story())


def test_nobody_else_reads_it(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        with pytest.raises(CopyError, match="no such copy"):
            await archive.room.read(copy.copy_id, "colleague")

    asyncio.run(story())


def test_a_person_who_must_be_forgotten_is_forgotten_here_too(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        archive.ledger.broken = True
        with pytest.raises(LedgerUnavailableError):
            await archive.room.forget([HIM])
        assert archive.books.data(copy.copy_id) == SECRET, "nothing is erased that is not written down"
        archive.ledger.broken = False
        await archive.room.forget([HER])
        assert archive.books.data(copy.copy_id) == SECRET
        for _ in range(2):
            await archive.room.forget([HIM])
        assert archive.books.data(copy.copy_id) is None
        assert archive.told() == [("copied", "history:emergency"), ("erased", "copy:forgotten")]

    asyncio.run(story())


def test_after_erasure_no_byte_of_it_is_on_the_disk(archive):
    async def story():
        copy = await archive.room.make(asked(), "inspector")
        sealed = archive.books._connection.execute("SELECT key, sealed FROM copies").fetchone()
        archive.now_ms += 40 * HOUR_MS
        await archive.room.erase_due()
        assert archive.books._connection.execute("SELECT key, sealed FROM copies").fetchone() == (None, None)
        files = b"".join(path.read_bytes() for path in archive.folder.glob(FILE + "*"))
        assert all(part not in files for part in (*sealed, SECRET)), copy

    asyncio.run(story())
