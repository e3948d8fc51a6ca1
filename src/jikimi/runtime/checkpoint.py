"""A process of its own that replays the newest part of the journal and writes the state down.

Decisions depend on the journal alone, so the state that another process computes from it is the server's. It also finds
out whether it is: a transition that differs from the journal's is our own fault, and loud.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import structlog

from jikimi.policy.resolve import track_rules
from jikimi.runtime import logs, policies, recovery
from jikimi.runtime.keeper import LOCK
from jikimi.runtime.settings import load
from jikimi.runtime.stores import Stores
from jikimi.storage import files


async def main(config: Path | None) -> None:
    """Write one checkpoint."""
    settings = load(config)
    logs.configure(settings.log_level)
    stores = Stores(settings)
    stores.vault_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = stores.reading()
    rules = track_rules(next(iter(policies.load(settings).values())))
    # Never beside an erasure: what was read before it would be written down after it.
    with files.alone(stores.vault_folder / LOCK):
        found = recovery.recover(journal, rules)
        if found.difference is not None:
            structlog.get_logger().critical("the core no longer says what it said", number=found.difference.number)
        if found.replayed:
            await journal.save_checkpoint(found.number, recovery.dump(found.mind))
    journal.close()


if __name__ == "__main__":
    # The server goes first.
    os.nice(10)
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path)
    asyncio.run(main(parser.parse_args().config))
    sys.exit(0)
