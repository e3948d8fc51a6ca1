"""What every journal does: one suite for the real one and for the fake."""

import asyncio

import pytest

from jikimi.runtime.ports import JournalFailedError
from jikimi.storage.journal import SqliteJournal
from jikimi.storage.memory import MemoryJournal

KEY = bytes(range(32))


@pytest.fixture(params=["sqlite", "memory"])
def journal(request, tmp_path):
    opened = SqliteJournal(tmp_path / "journal", KEY) if request.param == "sqlite" else MemoryJournal()
    yield opened
    opened.close()


def test_numbers_start_at_one_and_go_up_without_gaps(journal):
    async def story():
        futures = [journal.append([b"a"]), journal.append([b"b", b"c"]), journal.append([b"d"])]
        return await asyncio.gather(*futures)

    assert asyncio.run(story()) == [1, 3, 4]
    assert list(journal.read()) == [(1, b"a"), (2, b"b"), (3, b"c"), (4, b"d")]


def test_an_empty_append_gives_the_last_number(journal):
    async def story():
        return [await journal.append([]), await journal.append([b"a"]), await journal.append([])]

    assert asyncio.run(story()) == [0, 1, 1]


@pytest.mark.parametrize("after", range(8))
def test_reading_starts_after_any_number(journal, after):
    async def story():
        await asyncio.gather(journal.append([b"1", b"2", b"3"]), journal.append([b"4", b"5"]))
        await journal.append([b"6"])

    asyncio.run(story())
    assert list(journal.read(after)) == [(n, str(n).encode()) for n in range(after + 1, 7)]


def test_a_journal_with_nothing_in_it_reads_as_nothing(journal):
    assert list(journal.read()) == []
    assert journal.load_checkpoint() is None


def test_records_may_be_empty_or_large(journal):
    big = bytes(range(256)) * 40_000

    async def story():
        await journal.append([b"", big, b"\x00"])

    asyncio.run(story())
    assert [record for _, record in journal.read()] == [b"", big, b"\x00"]


def test_reading_does_not_see_what_comes_later(journal):
    async def story():
        await journal.append([b"a", b"b"])
        reading = journal.read()
        seen = [next(reading)]
        await journal.append([b"c"])
        return seen + list(reading)

    assert asyncio.run(story()) == [(1, b"a"), (2, b"b")]


def test_concurrent_callers_each_find_their_own_records_under_their_number(journal):
    async def caller(name):
        return [(await journal.append([f"{name}/{i}".encode()]), f"{name}/{i}".encode()) for i in range(20)]

    async def story():
        return await asyncio.gather(*(caller(name) for name in range(25)))

    told = [pair for answers in asyncio.run(story()) for pair in answers]
    assert sorted(told) == list(journal.read())


def test_a_caller_who_went_away_harms_nobody(journal):
    async def story():
        gone = journal.append([b"a"])
        gone.cancel()
        return await journal.append([b"b"])

    assert asyncio.run(story()) == 2


def test_after_closing_nothing_is_taken(journal):
    async def story():
        await journal.append([b"a"])
        journal.close()
        with pytest.raises(JournalFailedError):
            await journal.append([b"b"])

    asyncio.run(story())
    assert list(journal.read()) == [(1, b"a")]


def test_closing_twice_is_harmless(journal):
    journal.close()
    journal.close()


def test_the_newest_checkpoint_is_found(journal):
    async def story():
        await journal.append([b"a"] * 9)
        for number in (3, 6, 9):
            await journal.save_checkpoint(number, f"state {number}".encode())

    asyncio.run(story())
    assert journal.load_checkpoint() == (9, b"state 9")


def test_a_checkpoint_may_be_empty(journal):
    asyncio.run(_save(journal, 0, b""))
    assert journal.load_checkpoint() == (0, b"")


async def _save(journal, number, state):
    await journal.save_checkpoint(number, state)
