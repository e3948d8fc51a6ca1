"""What leaves the journal leaves it for good, key first; a replay begins where it begins."""

import asyncio
import datetime as dt

import pytest

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.journal import SqliteJournal

KEY = bytes(range(32))


@pytest.fixture
def journal(tmp_path):
    opened = SqliteJournal(tmp_path, KEY)
    yield opened
    opened.close()


def numbers(journal, after=0):
    return [number for number, _ in journal.read(after)]


def test_a_turn_closes_what_was_written_before_it(journal, tmp_path):
    async def story():
        written = journal.append([b"a", b"b"])
        turned = journal.turn()
        gathered = journal.append([b"c"])
        number = await turned
        return await written, await gathered, number, await journal.append([b"d"])

    written, gathered, number, after = asyncio.run(story())
    assert (written, gathered, after) == (2, 3, 4)
    assert number in {2, 3}, "whatever was gathered with it stands before it"
    assert journal.drop(number) == 1
    assert numbers(journal) == list(range(number + 1, 5))
    assert (journal.first(), journal.last()) == (number + 1, 4)
    assert len(list(tmp_path.glob("keys/*.key"))) == 1


def test_a_turn_with_nothing_written_leaves_nothing_behind(journal, tmp_path):
    async def story():
        return [await journal.turn() for _ in range(3)]

    assert asyncio.run(story()) == [0, 0, 0]
    assert len(list(tmp_path.glob("journal-*.db"))) == len(list(tmp_path.glob("keys/*.key"))) == 1


def test_the_newest_segment_and_whatever_reaches_further_is_never_dropped(journal):
    async def story():
        for record in (b"a", b"b", b"c"):
            await journal.append([record, record])
            if record != b"c":
                await journal.turn()

    asyncio.run(story())
    assert journal.drop(3) == 1
    assert numbers(journal) == [3, 4, 5, 6]
    assert journal.drop(99) == 1
    assert numbers(journal, 4) == numbers(journal) == [5, 6]


def test_a_drop_that_was_killed_after_the_key_is_finished_by_the_next(journal, tmp_path):
    async def story():
        await journal.append([b"a"])
        await journal.turn()
        await journal.append([b"b"])

    asyncio.run(story())
    min((tmp_path / "keys").glob("*.key")).unlink()
    assert numbers(journal) == [2]
    assert journal.drop(1) == 1
    assert len(list(tmp_path.glob("journal-*.db"))) == 1


def test_numbers_go_on_after_everything_was_dropped(tmp_path):
    async def story():
        journal = SqliteJournal(tmp_path, KEY)
        await journal.append([b"a", b"b"])
        await journal.turn()
        await journal.save_checkpoint(2, b"state")
        journal.drop(2)
        journal.close()
        again = SqliteJournal(tmp_path, KEY)
        number = await again.append([b"c"])
        again.close()
        return number

    assert asyncio.run(story()) == 3


def test_a_journal_opened_for_reading_turns_nothing(journal, tmp_path):
    async def story():
        await SqliteJournal.open_for_reading(tmp_path, KEY).turn()

    with pytest.raises(JournalFailedError):
        asyncio.run(story())


def test_segments_of_days_are_told_apart(tmp_path):
    async def story(day, record):
        journal = SqliteJournal(tmp_path, KEY, today=lambda: day)
        await journal.append([record])
        journal.close()

    for day in (1, 2, 3):
        asyncio.run(story(dt.date(2026, 6, day), b"a"))
    journal = SqliteJournal.open_for_reading(tmp_path, KEY)
    assert [journal.last_before(dt.date(2026, 6, day)) for day in (1, 2, 3, 4)] == [0, 1, 2, 3]


def test_of_the_bases_the_oldest_whole_one_is_where_replays_begin(journal, tmp_path):
    states = journal.checkpoints
    assert states.load_base() is None
    for number in (4, 7, 9):
        states.save_base(number, b"%d" % number)
    assert states.load_base() == (4, b"4")
    (tmp_path / f"base-{4:019d}").write_bytes(b"damaged")
    assert states.load_base() == (7, b"7")
    states.drop_bases(9)
    assert states.bases() == [9]
    assert states.load() is None, "a base is not what a start begins with"


def test_a_lone_checkpoint_is_the_newest(journal):
    async def story():
        for number in (1, 2):
            await journal.save_checkpoint(number, b"%d" % number)

    asyncio.run(story())
    journal.checkpoints.lone()
    assert journal.checkpoints.kept() == [2]
