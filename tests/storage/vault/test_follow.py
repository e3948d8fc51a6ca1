"""The vault follows a real journal and takes nothing twice."""

import asyncio

from jikimi.model.record import PairEnd, encode
from jikimi.storage.journal import SqliteJournal
from jikimi.storage.vault.follow import RECORDS, catch_up
from tests.storage.vault.test_store import START, record, times, vault


def test_it_takes_over_what_is_new_and_passes_over_other_records(tmp_path):
    asyncio.run(follow(tmp_path))


async def follow(folder):
    journal = SqliteJournal(folder / "journal", bytes(32))
    store = vault(folder / "vault")
    count = RECORDS + 2
    await journal.append([encode(record("m1", START + n)) for n in range(count)])
    await journal.append([encode(PairEnd(START, "pair"))])
    assert catch_up(store, journal.read(store.taken())) == count + 1
    assert catch_up(store, journal.read(store.taken())) == count + 1
    assert catch_up(store, journal.read()) == count + 1
    await journal.append([encode(record("m1", START + count))])
    assert catch_up(store, journal.read(store.taken())) == count + 2
    await asyncio.to_thread(journal.close)
    assert times(store) == [START + n for n in range(count + 1)]
