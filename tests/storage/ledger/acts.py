"""Acts to write down, and a ledger to write them to."""

import asyncio

from jikimi.disclosure.ledger.leaf import Act, Client, Network, Personal
from jikimi.storage.ledger import SqliteLedger

KEY = bytes(range(32))


def act(n=0, who="staff-7", whose="m-3"):
    return Act(
        at_ms=1_790_000_000_000 + n,
        act="disclosed",
        what="map:inside_ring",
        purpose="response",
        audience="desk",
        client=Client.BROWSER,
        network=Network.OFFICE,
        who=Personal(who, f"name of {who}"),
        whose=(Personal(whose, f"name of {whose}"),),
        order=Personal("o-1", "order o-1"),
        reason=Personal(whose, f"reason {n}"),
    )


def filled(folder, counts, **changes):
    """Write entries in steps and sign a checkpoint after each; return the ledger's key."""

    async def fill():
        ledger = SqliteLedger(folder, KEY, **changes)
        n = 0
        for count in counts:
            numbers = await asyncio.gather(*(ledger.append(act(n + k)) for k in range(count)))
            assert numbers == list(range(n, n + count))
            n += count
            assert await ledger.checkpoint() == n
        ledger.close()
        return ledger.verifier

    return asyncio.run(fill())
