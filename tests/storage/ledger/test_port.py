"""The fake that other tests use behaves as the ledger on disk does."""

import asyncio

import pytest

from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.disclosure.ledger.ports import Ledger, LedgerUnavailableError
from jikimi.storage.ledger import SqliteLedger
from tests.disclosure.ledger.fake_ledger import FakeLedger
from tests.storage.ledger.acts import KEY, act


@pytest.mark.parametrize("kind", ["disk", "fake"])
def test_entries_are_numbered_from_0_and_what_cannot_be_written_is_told(tmp_path, kind):
    async def use():
        disk, fake = SqliteLedger(tmp_path, KEY), FakeLedger()
        ledger: Ledger = disk if kind == "disk" else fake
        assert [await ledger.append(act(n)) for n in range(3)] == [0, 1, 2]
        with pytest.raises(LeafError):
            await ledger.append(act(3, who=" 37.5665, 126.9780"))
        assert await ledger.append(act(3)) == 3
        disk.close()
        fake.down = True
        with pytest.raises(LedgerUnavailableError):
            await ledger.append(act(4))

    asyncio.run(use())
