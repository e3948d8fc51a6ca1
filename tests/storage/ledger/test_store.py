"""The ledger on disk: durable before answered, provable, erasable, and shut when it cannot write."""

import asyncio
import contextlib
import sqlite3

import pytest

from jikimi.disclosure.ledger.checkpoint import cosign, cosigned_at, open_note
from jikimi.disclosure.ledger.leaf import LeafError, Personal, opens
from jikimi.disclosure.ledger.note import Kind, Signer, parse
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.ledger.proof import check
from jikimi.disclosure.ledger.proof import parse as parse_proof
from jikimi.disclosure.ledger.tree import check_consistency, fold, leaf_hash
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import LedgerDamagedError, LedgerReader, SqliteLedger, tables
from jikimi.storage.ledger.identity import signer_of
from jikimi.storage.ledger.sealing import without
from jikimi.storage.ledger.writer import Writer
from tests.storage.ledger.acts import KEY, act, filled


@contextlib.contextmanager
def reading(folder):
    reader = LedgerReader(folder, KEY)
    try:
        yield reader
    finally:
        reader.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "ledger"


@pytest.mark.parametrize("counts", [[1], [255], [256], [257], [300, 1, 700], [512, 1]])
def test_every_entry_is_proved_under_the_signed_root(folder, counts):
    log = filled(folder, counts)
    with reading(folder) as reader:
        checkpoint, _ = reader.newest()
        leaves = [leaf for _, leaf in reader.entries(0, checkpoint.size)]
        assert checkpoint.size == sum(counts) == len(leaves)
        assert checkpoint.root == fold([leaf_hash(leaf) for leaf in leaves])
        for entry in {0, 1, 255, 256, 511, 512, len(leaves) - 1} & set(range(len(leaves))):
            proof = parse_proof(str(reader.proof(entry)))
            assert proof.leaf == leaves[entry]
            assert check(proof, log) == checkpoint
        with pytest.raises(LookupError):
            reader.proof(checkpoint.size)


def test_a_ledger_goes_on_where_it_was_and_each_checkpoint_holds_the_one_before(folder):
    log = filled(folder, [3])
    for more in (1, 255, 260, 1, 1000):

        async def go_on(more=more):
            ledger = SqliteLedger(folder, KEY)
            first = await ledger.append(act())
            assert await asyncio.gather(*(ledger.append(act(k)) for k in range(1, more))) == list(range(first + 1, first + more))
            await ledger.checkpoint()
            ledger.close()

        asyncio.run(go_on())
    with reading(folder) as reader:
        points = [open_note(note, log)[0] for _, note in reader.notes()]
        assert [point.size for point in points] == [3, 4, 259, 519, 520, 1520]
        for old in points:
            request = reader.request(old.size)
            check_consistency(old.size, 1520, old.root, points[-1].root, request.proof)


def test_what_is_answered_is_durable_and_sealed(folder):
    async def append():
        ledger = SqliteLedger(folder, KEY)
        await ledger.append(act(who="staff-77", whose="victim-88"))
        return ledger

    ledger = asyncio.run(append())
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    for word in (b"staff-77", b"victim-88", b"disclosed", b"inside_ring"):
        assert word not in everything
    with reading(folder) as reader:
        assert len(list(reader.entries(0, 9))) == 1
    ledger.close()
    with pytest.raises(LedgerDamagedError, match="another master key"):
        SqliteLedger(folder, bytes(32))


def test_closing_signs_what_no_checkpoint_holds_yet(folder):
    async def append():
        ledger = SqliteLedger(folder, KEY)
        await ledger.append(act())
        ledger.close()
        with pytest.raises(LedgerUnavailableError, match="closed"):
            await ledger.append(act())

    asyncio.run(append())
    with reading(folder) as reader:
        assert reader.newest()[0].size == 1


@pytest.mark.parametrize("pace", [{"every": 10, "every_s": 1e9}, {"every": 10**9, "every_s": 0.0}])
def test_checkpoints_are_signed_by_number_and_by_time(folder, pace):
    async def append():
        ledger = SqliteLedger(folder, KEY, **pace)
        await asyncio.gather(*(ledger.append(act(n)) for n in range(10)))
        with reading(folder) as reader:
            assert reader.newest()[0].size == 10
        ledger.close()

    asyncio.run(append())


def test_entries_wait_for_a_checkpoint_no_longer_than_was_said(folder):
    now_s = 0.0
    folder.mkdir()
    writer = Writer(folder, KEY, signer_of(KEY), every=1000, every_s=10.0, now_ms=lambda: 7, steady=lambda: now_s)
    assert writer.idle() is None, "nothing new, nothing to wait for"
    writer.store([act(0)])
    now_s = 9.0
    assert writer.idle() == 1.0
    writer.store([act(1)])
    now_s = 10.0
    assert writer.idle() is None
    writer.end()
    with reading(folder) as reader:
        assert reader.newest()[0].size == 2
        assert [at_ms for at_ms, _ in reader.notes()] == [7]
    again = Writer(folder, KEY, signer_of(KEY), every=1000, every_s=10.0, now_ms=lambda: 7, steady=lambda: now_s)
    again.store([act(2)])
    again.end()
    killed = Writer(folder, KEY, signer_of(KEY), every=1000, every_s=10.0, now_ms=lambda: 8, steady=lambda: now_s)
    assert killed.idle() == 10.0, "what a killed process left unsigned is signed in time"
    killed.end()


def test_one_process_writes(folder):
    async def two():
        ledger = SqliteLedger(folder, KEY)
        with pytest.raises(LedgerUnavailableError, match="Another process"):
            SqliteLedger(folder, KEY)
        ledger.close()

    asyncio.run(two())


def test_a_coordinate_is_not_written_down_and_nothing_else_is_hurt(folder):
    async def append():
        ledger = SqliteLedger(folder, KEY)
        bad = act()
        answers = await asyncio.gather(
            ledger.append(act(1)),
            ledger.append(type(bad)(**{f: getattr(bad, f) for f in bad.__struct_fields__} | {"reason": Personal("x", "seen at 37.5665")})),
            ledger.append(act(2)),
            return_exceptions=True,
        )
        ledger.close()
        return answers

    first, refused, last = asyncio.run(append())
    assert (first, last) == (0, 1)
    assert isinstance(refused, LeafError)


def test_an_erased_person_is_gone_and_every_proof_still_holds(folder):
    async def erase():
        ledger = SqliteLedger(folder, KEY)
        await asyncio.gather(*(ledger.append(act(n, whose=f"m-{n % 2}")) for n in range(600)))
        await ledger.checkpoint()
        with reading(folder) as reader:
            before = reader.openings(1)
            assert reader.about("m-1") == list(range(1, 600, 2))
        await ledger.erase("m-1")
        with reading(folder) as reader:
            assert reader.about("m-1") == []
            assert {o.field for o in reader.openings(1)} == {"who", "order"}
        await ledger.erase("nobody we know")
        again = await ledger.append(act(600, whose="m-1"))
        ledger.close()
        return before, again, ledger.verifier

    before, again, log = asyncio.run(erase())
    with reading(folder) as reader:
        proof = reader.proof(1)
        assert check(proof, log).size == 601
        assert all(opens(proof.leaf, opening) for opening in before), "who keeps salt and value can show it; the ledger cannot"
        assert reader.about("m-1") == [again] == [600], "what is written later begins anew"
        assert len(reader.openings(0)) == 4


def test_cleaning_up_goes_on_after_a_restart(folder):
    filled(folder, [450])
    connection = tables.opened(folder, subkey(KEY, "subjects"), "subjects.db")
    (handle,) = connection.execute("SELECT handle FROM subjects LIMIT 1").fetchone()
    connection.execute("INSERT INTO erasing VALUES (?)", (handle,))
    connection.execute("DELETE FROM subjects WHERE handle = ?", (handle,))
    connection.close()

    writer = Writer(folder, KEY, signer_of(KEY), every=1000, every_s=10.0, now_ms=lambda: 0)
    steps = 0
    while writer.idle() == 0.0:
        steps += 1
    writer.end()
    assert steps > 2, "in small steps"
    left = tables.opened(folder, subkey(KEY, "entries"))
    assert left.execute("SELECT count(*) FROM marks WHERE handle = ?", (handle,)).fetchone() == (0,)
    rows = left.execute("SELECT beside FROM entries").fetchall()
    assert all(beside == without(beside, handle) for (beside,) in rows)
    left.close()


def test_a_ledger_that_lost_or_changed_an_entry_is_not_written_on(folder):
    filled(folder, [300])
    for damage in (
        "DELETE FROM entries WHERE number = 299",
        "UPDATE entries SET hash = zeroblob(32) WHERE number = 297",
        "DELETE FROM nodes",
    ):
        connection = tables.opened(folder, subkey(KEY, "entries"))
        connection.execute("BEGIN")
        connection.execute(damage)
        connection.execute("COMMIT")
        connection.close()
        with pytest.raises(LedgerDamagedError, match=r"newest checkpoint|incomplete|missing"):
            SqliteLedger(folder, KEY)


def test_a_witness_line_stands_below_its_checkpoint_once(folder):
    filled(folder, [2])
    witness = Signer("w.example", bytes([9] * 32), Kind.WITNESS)

    async def add():
        ledger = SqliteLedger(folder, KEY)
        with reading(folder) as reader:
            note = reader.newest()[1]
        line = cosign(parse(note).text, witness, 1_790_000_000).line()
        assert [await ledger.add_cosignature(note, line) for _ in range(2)] == [1, 1]
        assert await ledger.add_cosignature(note.replace("\n2\n", "\n3\n"), line) == 0
        ledger.close()

    asyncio.run(add())
    with reading(folder) as reader:
        note = parse(reader.newest()[1])
        assert len(note.signatures) == 2
        assert cosigned_at(note, witness.verifier) == 1_790_000_000


def test_when_the_disk_is_full_nothing_is_acknowledged_and_it_goes_on_when_there_is_room(folder):
    async def fill():
        ledger = SqliteLedger(folder, KEY, every_s=1e9)
        await ledger.append(act())
        disk = ledger._gatherer._store.__self__._disk
        (pages,) = disk.connection.execute("PRAGMA page_count").fetchone()
        disk.connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        failed = await asyncio.gather(*(ledger.append(act(n)) for n in range(1000)), return_exceptions=True)
        numbers = [await ledger.append(act(n)) for n in range(3)]
        size = await ledger.checkpoint()
        ledger.close()
        return failed, numbers, size

    failed, numbers, size = asyncio.run(fill())
    assert sum(isinstance(each, LedgerUnavailableError) for each in failed) > 0
    stored = [each for each in failed if isinstance(each, int)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert size == numbers[-1] + 1 == 1 + len(stored) + 3


def test_there_is_no_ledger_to_read_before_the_first_entry(tmp_path):
    with pytest.raises(LedgerDamagedError, match="no ledger"):
        LedgerReader(tmp_path, KEY)


def test_it_is_no_plain_database(folder):
    filled(folder, [1])
    for name in ("ledger.db", "subjects.db"):
        with contextlib.closing(sqlite3.connect(folder / name)) as plain, pytest.raises(sqlite3.DatabaseError):
            plain.execute("SELECT * FROM sqlite_schema").fetchall()
