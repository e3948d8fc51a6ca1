"""The journal on disk: sealed, ordered over its segments, honest about damage, alive after failure."""

import asyncio
import datetime as dt
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.journal import JournalDamagedError, SqliteJournal
from jikimi.storage.segments import SegmentWriter

KEY = bytes(range(32))
DAY = dt.date(2026, 11, 23)


class Calendar:
    """A clock of days that tests set."""

    def __init__(self, day=DAY):
        self.day = day

    def __call__(self):
        return self.day


def write(folder, *batches, today=None):
    """Append each batch under a commit of its own, and close."""
    journal = SqliteJournal(folder, KEY, today or Calendar())

    async def story():
        return [await journal.append(batch) for batch in batches]

    try:
        return asyncio.run(story())
    finally:
        journal.close()


def read(folder, after=0, key=KEY):
    return list(SqliteJournal.open_for_reading(folder, key).read(after))


def segments(folder):
    return sorted(path.name for path in folder.glob("*.db"))


def edit(folder, segment, statement):
    connection = sqlite3.connect(folder / f"{segment}.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_numbers_go_on_over_restarts_and_days(tmp_path):
    today = Calendar()
    assert write(tmp_path, [b"1", b"2"], [b"3"], today=today) == [2, 3]
    assert write(tmp_path, [b"4"], today=today) == [4]
    today.day += dt.timedelta(days=1)
    assert write(tmp_path, [b"5"], today=today) == [5]
    assert segments(tmp_path) == ["journal-20261123-1.db", "journal-20261123-2.db", "journal-20261124-1.db"]
    assert read(tmp_path) == [(n, b"%d" % n) for n in range(1, 6)]
    assert [read(tmp_path, after)[:1] for after in range(6)] == [[(n + 1, b"%d" % (n + 1))] for n in range(5)] + [[]]


def test_a_new_day_begins_a_new_segment_while_running(tmp_path):
    today = Calendar()
    journal = SqliteJournal(tmp_path, KEY, today)

    async def story():
        await journal.append([b"1"])
        today.day += dt.timedelta(days=1)
        await journal.append([b"2"])

    asyncio.run(story())
    journal.close()
    assert segments(tmp_path) == ["journal-20261123-1.db", "journal-20261124-1.db"]
    assert read(tmp_path) == [(1, b"1"), (2, b"2")]


def test_a_clock_set_back_does_not_mix_the_order_up(tmp_path):
    today = Calendar()
    write(tmp_path, [b"1"], today=today)
    today.day -= dt.timedelta(days=400)
    write(tmp_path, [b"2"], today=today)
    assert read(tmp_path) == [(1, b"1"), (2, b"2")]


def test_opening_without_writing_leaves_no_segment(tmp_path):
    write(tmp_path)
    write(tmp_path, [])
    assert segments(tmp_path) == []


def test_nothing_stands_in_the_clear(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)
    records = [b"PLAINTEXT-%04d-lat-37.566535" % n for n in range(500)]

    async def story():
        await asyncio.gather(*(journal.append([record]) for record in records))
        await journal.save_checkpoint(500, b"PLAINTEXT-state")

    asyncio.run(story())
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(path.name.endswith("-wal") and data for path, data in files.items())
    assert [path for path, data in files.items() if b"PLAINTEXT" in data or b"37.566" in data or KEY in data] == []
    journal.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"PLAINTEXT" in path.read_bytes()] == []


def test_every_segment_has_a_key_of_its_own(tmp_path):
    write(tmp_path, [b"same"])
    write(tmp_path, [b"same"])
    sealed = [sqlite3.connect(tmp_path / name).execute("SELECT sealed FROM entries").fetchone()[0] for name in segments(tmp_path)]
    assert len(set(sealed)) == 2


def test_another_key_opens_nothing(tmp_path):
    write(tmp_path, [b"1"])
    with pytest.raises(JournalDamagedError, match="another master key"):
        read(tmp_path, key=KEY[::-1])


@pytest.fixture(scope="module")
def sealed_row(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    write(folder, [b"one", b"two"], [b"three"])
    return folder


@given(data=st.data())
def test_a_flipped_bit_is_found_and_named(sealed_row, data):
    connection = sqlite3.connect(sealed_row / "journal-20261123-1.db")
    sealed = connection.execute("SELECT sealed FROM entries WHERE first = 3").fetchone()[0]
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    harmed = bytearray(sealed)
    harmed[bit // 8] ^= 1 << bit % 8
    try:
        connection.execute("UPDATE entries SET sealed = ? WHERE first = 3", (bytes(harmed),))
        connection.commit()
        reading = SqliteJournal.open_for_reading(sealed_row, KEY).read()
        assert [next(reading), next(reading)] == [(1, b"one"), (2, b"two")]
        with pytest.raises(JournalDamagedError) as damaged:
            next(reading)
        assert (damaged.value.segment, damaged.value.row) == ("journal-20261123-1", 3)
    finally:
        connection.execute("UPDATE entries SET sealed = ? WHERE first = 3", (sealed,))
        connection.commit()
        connection.close()


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("DELETE FROM entries WHERE first = 2", 2),
        ("UPDATE entries SET sealed = (SELECT sealed FROM entries WHERE first = 1) WHERE first = 2", 2),
        ("UPDATE entries SET last = 7 WHERE first = 2", 2),
        ("UPDATE entries SET first = 9, last = 9 WHERE first = 3", 3),
        ("UPDATE entries SET sealed = x'' WHERE first = 2", 2),
        ("UPDATE entries SET sealed = NULL WHERE first = 2", None),
        ("UPDATE entries SET sealed = 'text' WHERE first = 2", 2),
        ("UPDATE entries SET first = -5, last = -5 WHERE first = 1", -5),
    ],
)
def test_rows_that_were_removed_moved_or_changed_are_found(tmp_path, statement, row):
    write(tmp_path, [b"1"], [b"2"], [b"3"])
    try:
        edit(tmp_path, "journal-20261123-1", statement)
    except sqlite3.IntegrityError:
        assert row is None
        return
    with pytest.raises(JournalDamagedError) as damaged:
        read(tmp_path)
    assert damaged.value.row == row


def test_a_segment_that_is_gone_is_missed(tmp_path):
    for n in range(1, 4):
        write(tmp_path, [b"%d" % n])
    (tmp_path / "journal-20261123-2.db").unlink()
    with pytest.raises(JournalDamagedError, match="missing") as damaged:
        read(tmp_path)
    assert (damaged.value.segment, damaged.value.row) == ("journal-20261123-3", 2)
    assert read(tmp_path, after=2) == [(3, b"3")]
    (tmp_path / "journal-20261123-1.db").unlink()
    assert read(tmp_path) == [(3, b"3")], "the oldest segments may go"
    with pytest.raises(JournalDamagedError, match="missing"):
        read(tmp_path, after=1)


def test_a_file_that_is_no_database_is_named(tmp_path):
    write(tmp_path, [b"1"])
    (tmp_path / "journal-20261123-1.db").write_bytes(b"nothing of the kind" * 500)
    with pytest.raises(JournalDamagedError, match="journal-20261123-1"):
        read(tmp_path)
    with pytest.raises(JournalDamagedError):
        SqliteJournal(tmp_path, KEY)


def test_deleting_a_key_erases_its_segment_and_nothing_else(tmp_path):
    write(tmp_path, [b"1", b"2"])
    write(tmp_path, [b"3"])
    write(tmp_path, [b"4"])
    (tmp_path / "keys" / "journal-20261123-2.key").unlink()
    assert read(tmp_path) == [(1, b"1"), (2, b"2"), (4, b"4")]
    (tmp_path / "keys" / "journal-20261123-1.key").unlink()
    assert read(tmp_path) == [(4, b"4")]
    assert write(tmp_path, [b"5"]) == [5]


def test_one_process_writes(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)
    with pytest.raises(JournalFailedError, match="Another process"):
        SqliteJournal(tmp_path, KEY)
    journal.close()
    SqliteJournal(tmp_path, KEY).close()


def test_a_reader_beside_the_writer_sees_all_that_was_acknowledged(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)
    reader = SqliteJournal.open_for_reading(tmp_path, KEY)

    async def story():
        for n in range(1, 30):
            await journal.append([b"%d" % n])
            assert [number for number, _ in reader.read()] == list(range(1, n + 1))
        with pytest.raises(JournalFailedError, match="reading"):
            await reader.append([b"x"])
        await reader.save_checkpoint(29, b"by the reader")

    asyncio.run(story())
    assert journal.load_checkpoint() == (29, b"by the reader")
    reader.close()
    journal.close()


def test_a_full_disk_fails_its_batch_and_the_next_is_stored(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)

    async def story():
        await journal.append([b"1"])
        journal._writer._segment._connection.execute("PRAGMA max_page_count = 1")
        lost = [journal.append([bytes(20_000)]), journal.append([b"with it"])]
        assert [type(error) for error in await asyncio.gather(*lost, return_exceptions=True)] == [JournalFailedError] * 2
        return await journal.append([b"2", b"3"])

    assert asyncio.run(story()) == 3
    assert read(tmp_path) == [(1, b"1"), (2, b"2"), (3, b"3")]
    journal.close()
    assert write(tmp_path, [b"4"]) == [4]


def test_a_row_that_came_to_light_after_its_commit_failed_gives_way_to_what_was_acknowledged(tmp_path, monkeypatch):
    journal = SqliteJournal(tmp_path, KEY)
    store = SegmentWriter.write

    def store_and_fail(self, first, records):
        store(self, first, records)
        raise sqlite3.OperationalError("disk I/O error")

    async def story():
        await journal.append([b"1"])
        with monkeypatch.context() as patch:
            patch.setattr(SegmentWriter, "write", store_and_fail)
            with pytest.raises(JournalFailedError):
                await journal.append([b"refused", b"refused"])
        assert await journal.append([b"2"]) == 2

    asyncio.run(story())
    journal.close()
    assert read(tmp_path) == [(1, b"1"), (2, b"2")]
    assert write(tmp_path, [b"3"]) == [3]
    assert read(tmp_path) == [(1, b"1"), (2, b"2"), (3, b"3")]


def test_a_failed_segment_that_holds_nothing_leaves_no_trace(tmp_path, monkeypatch):
    journal = SqliteJournal(tmp_path, KEY)

    def fail(*_):
        raise sqlite3.OperationalError("disk I/O error")

    async def story():
        with monkeypatch.context() as patch:
            patch.setattr(SegmentWriter, "write", fail)
            with pytest.raises(JournalFailedError):
                await journal.append([b"lost"])
        assert list(tmp_path.rglob("journal-*")) == []
        return await journal.append([b"1"])

    assert asyncio.run(story()) == 1
    journal.close()
    assert read(tmp_path) == [(1, b"1")]


def test_whoever_appends_what_is_no_record_hears_of_it_alone(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)

    async def story():
        good = journal.append([b"1"])
        with pytest.raises(TypeError):
            journal.append([1])
        return await good, await journal.append([b"2"])

    assert asyncio.run(story()) == (1, 2)
    journal.close()


def test_closing_commits_what_is_queued(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)

    async def story():
        futures = [journal.append([b"%d" % n]) for n in range(2_000)]
        await asyncio.to_thread(journal.close)
        return await asyncio.gather(*futures)

    assert asyncio.run(story()) == list(range(1, 2_001))
    assert len(read(tmp_path)) == 2_000


def test_whoever_appends_while_it_closes_is_answered(tmp_path):
    async def story():
        journal = SqliteJournal(tmp_path, KEY)
        writer = journal._writer
        journal.close()
        future = asyncio.get_running_loop().create_future()
        writer.put([b"late"], future)
        with pytest.raises(JournalFailedError):
            await asyncio.wait_for(future, 5)

    asyncio.run(story())
    assert read(tmp_path) == []


def test_a_loop_that_is_gone_does_not_stop_the_writer(tmp_path):
    journal = SqliteJournal(tmp_path, KEY)

    async def careless():
        journal.append([b"1"])

    asyncio.run(careless())
    assert asyncio.run(_appended(journal, b"2")) == 2
    journal.close()


async def _appended(journal, record):
    return await journal.append([record])


@pytest.mark.parametrize("harm", ["bit", "cut", "empty"])
def test_a_damaged_checkpoint_gives_way_to_the_older_one(tmp_path, harm):
    journal = SqliteJournal(tmp_path, KEY)

    async def story():
        for number in (1, 2, 10):
            await journal.save_checkpoint(number, b"state %d" % number)

    asyncio.run(story())
    names = sorted(path.name for path in tmp_path.glob("checkpoint-*"))
    assert len(names) == 2
    newest = tmp_path / names[-1]
    data = bytearray(newest.read_bytes())
    data[-1] ^= 1
    newest.write_bytes({"bit": bytes(data), "cut": bytes(data[:-3]), "empty": b""}[harm])
    assert journal.load_checkpoint() == (2, b"state 2")
    newest.with_name(names[0]).rename(newest)
    assert journal.load_checkpoint() is None, "a checkpoint under another's name is no checkpoint"
    journal.close()


def test_a_checkpoint_that_cannot_be_written_is_a_failure_of_the_journal(tmp_path):
    journal = SqliteJournal(tmp_path / "j", KEY)
    asyncio.run(_saved(journal))
    journal.close()
    (tmp_path / "j").rename(tmp_path / "away")
    with pytest.raises(JournalFailedError, match="checkpoint"):
        asyncio.run(_saved(journal))


async def _saved(journal):
    await journal.save_checkpoint(1, b"state")


def test_numbers_are_not_given_again_below_a_checkpoint(tmp_path):
    write(tmp_path, [b"1", b"2", b"3"])
    journal = SqliteJournal(tmp_path, KEY)
    asyncio.run(_saved(journal))
    asyncio.run(_checkpointed(journal, 3))
    journal.close()
    for path in tmp_path.glob("journal-*"):
        path.unlink()
    assert write(tmp_path, [b"4"]) == [4]
    assert read(tmp_path, after=3) == [(4, b"4")]


async def _checkpointed(journal, number):
    await journal.save_checkpoint(number, b"state")


def test_what_a_killed_writer_left_half_written_is_swept_away(tmp_path):
    write(tmp_path, [b"1"])
    (tmp_path / ".checkpoint-1.abc.unfinished").write_bytes(b"half")
    (tmp_path / "keys" / ".journal-20261123-2.key.abc.unfinished").write_bytes(b"half")
    write(tmp_path, [b"2"])
    assert list(tmp_path.rglob("*.unfinished")) == []
