"""The keeper beside a running server: has history taken over, and what fell due erased, in a process of its own.

What is due is computed from what is there, at every round and first thing after a start: no moment that passed while nobody was here
is forgotten. Whatever fails is loud and tried again; nothing that decides or warns ever waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
import structlog

from jikimi.disclosure.ledger.leaf import Act, Client
from jikimi.runtime.hub import Hub
from jikimi.runtime.keeper import Look
from jikimi.runtime.response import JOURNAL
from jikimi.runtime.settings import Settings
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.journal import SqliteJournal
from jikimi.storage.ledger import SqliteLedger
from jikimi.storage.retention import SqlRetention

log = structlog.get_logger()

FIRST_S: Final = 5.0
"""So long after a start: first the devices, who all come back at once."""
RETRY_S: Final = 60.0
STEP_S: Final = 0.5
MOST_STEPS: Final = 240
"""So often it is looked whether the incidents have taken the journal in, before an erasure is put off."""
_decode: Final = msgspec.json.Decoder(Look).decode


class KeepingError(Exception):
    """A round failed. The keeper's own log says why."""


class Keeping:
    """Runs the keeper.

    Args:
        settings: of the server.
        hub: forgets whom nobody needs to know.
        journal: is to begin a new segment before an erasure.
        ledger: forgets subjects.
        retention: the register's part.
        books: say how far the incidents have taken the journal in.
        follow: takes over what changed in the register, at once.
        forget: erases what oversight knows of persons of whom nothing may be known any more; the ledger has it first.
        erased: called once the keeper has erased something.
    """

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        journal: SqliteJournal,
        ledger: SqliteLedger,
        retention: SqlRetention,
        books: SqlIncidents,
        follow: Callable[[], Awaitable[None]],
        forget: Callable[[Sequence[str]], Awaitable[None]],
        erased: Callable[[], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._hub = hub
        self._journal = journal
        self._ledger = ledger
        self._retention = retention
        self._books = books
        self._follow = follow
        self._forget = forget
        self._erased = erased
        self._wake = asyncio.Event()
        self._working = asyncio.Lock()

    def look_now(self) -> None:
        """Look at once."""
        self._wake.set()

    async def work(self) -> None:
        """Keep, for ever."""
        wait_s = FIRST_S
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait_s)
            self._wake.clear()
            wait_s = await self._calmly()

    async def _calmly(self) -> float:
        """Do one round; return how long there is nothing else to do."""
        try:
            look = await self.round()
        except Exception as error:  # noqa: BLE001 - whatever its fault is, devices and alarms go on, and it is tried again
            log.critical("history is not kept now, nor erased; it is tried again", kind=type(error).__name__)
            return RETRY_S
        if look.overdue:
            log.critical("an erasure is overdue")
        if look.next_ms is None:
            return self._settings.vault_every_s
        return min(self._settings.vault_every_s, max(STEP_S, (look.next_ms - self._hub.now_ms()) / 1000.0))

    async def round(self) -> Look:
        """Take over, and erase what is due; return what is left.

        Raises:
            KeepingError: the keeper failed.
        """
        async with self._working:
            look = await self._run("look")
            if look.due:
                look = await self._erase(look)
            for subject in look.subjects:
                await self._ledger.erase(subject)
                await asyncio.to_thread(self._retention.forgotten, subject, forgotten(self._hub.now_ms()))
            return look

    async def _erase(self, look: Look) -> Look:
        """Let nothing of theirs in any more, forget them, and close the part of the journal that knows them; then the keeper erases."""
        if look.leaving:
            await asyncio.to_thread(self._retention.disarm, look.leaving)
            await self._follow()
        if look.forget:
            await self._forget(look.forget)
            self._hub.forget(look.forget, look.devices)
        until = await self._journal.turn()
        await self._settled(until)
        left = await self._run("erase", until)
        await self._erased()
        return left

    async def _settled(self, until: int) -> None:
        """Wait until the incidents need nothing more of the journal up to here."""
        for _ in range(MOST_STEPS):
            cursor = await asyncio.to_thread(self._books.cursor, JOURNAL)
            if cursor is None or cursor >= until:
                return
            await asyncio.sleep(STEP_S)
        raise KeepingError

    async def _run(self, what: str, until: int = 0) -> Look:
        arguments = (what, "--now", str(self._hub.now_ms()), "--until", str(until))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "jikimi.runtime.keeper", *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await process.communicate(msgspec.json.encode(self._settings))
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            raise
        if process.returncode != 0:
            raise KeepingError
        return _decode(out)


def forgotten(now_ms: int) -> Act:
    """Return what the ledger says when it forgot whom some of its entries were about."""
    return Act(at_ms=now_ms, act="erased", what="ledger:subject", purpose="retention", audience="service", client=Client.SERVICE)
