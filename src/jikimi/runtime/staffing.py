"""The accounts beside a running server: known at once after any process changed them, and every act copied into the ledger.

The register's counter of changes tells that something changed; the follower that reads it wakes this. From then on whoever was
disabled is refused, and the open streams of sessions that ended are closed: no screen waits for its next heartbeat.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from jikimi.disclosure.ledger.leaf import Act, Client, LeafError, Personal
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.identity.account import Account, Done, courts_of, rights_of
from jikimi.identity.roles import Right
from jikimi.storage.identity import SqlStaff
from jikimi.storage.lines import SqlLines

log = structlog.get_logger()

LONGEST_S: Final = 30.0
"""Accounts are read anew after so long even if nobody said that they changed."""
UNSPEAKABLE: Final = "a name that the ledger does not take"


class StaffRoom:
    """Who may do what, for the apps of one server.

    Args:
        staff: the accounts.
        ledger: where every act on an account is written down.
        lines: other lines that wait for the ledger.
    """

    def __init__(self, staff: SqlStaff, ledger: Ledger, lines: SqlLines) -> None:
        self._staff = staff
        self._lines = lines
        self._ledger = ledger
        self._accounts: dict[str, Account] = {}
        self._wake = asyncio.Event()
        self._loading = asyncio.Lock()
        self.changed: Callable[[], None] = _nobody
        """Called when accounts changed."""

    async def rights(self, subject: str) -> frozenset[Right]:
        """Return what a subject may do now. One that was never heard of is looked up: it may have been added a moment ago."""
        if subject not in self._accounts:
            await self._load()
        return rights_of(self._accounts.get(subject))

    async def courts(self, subject: str) -> tuple[str, ...]:
        """Return the courts whose petitions a subject may see now."""
        if subject not in self._accounts:
            await self._load()
        return courts_of(self._accounts.get(subject))

    def holders(self, right: Right) -> list[str]:
        """Return the active accounts that have a right, by name, as last read."""
        return sorted(name for name, account in self._accounts.items() if right in rights_of(account))

    async def fresh_rights(self, subject: str) -> frozenset[Right]:
        """Return what a subject may do by the register as it is at this moment."""
        await self._load()
        return rights_of(self._accounts.get(subject))

    def look_now(self) -> None:
        """Look at the accounts at once: somebody, perhaps another process, changed the register."""
        self._wake.set()

    async def work(self) -> None:
        """Keep up for ever."""
        while True:
            self._wake.clear()
            await self._round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LONGEST_S)

    async def _round(self) -> None:
        try:
            await self._load()
            await self._write_down()
        except Exception as error:  # noqa: BLE001 - whatever the fault is, alarms go on, and it is tried again
            log.warning("accounts could not be read or written down; it is tried again", kind=type(error).__name__)

    async def _load(self) -> None:
        async with self._loading:
            found = {account.name: account for account in await asyncio.to_thread(self._staff.accounts)}
            is_changed = found != self._accounts
            self._accounts = found
        if is_changed:
            self.changed()

    async def _write_down(self) -> None:
        """Copy into the ledger what it does not hold yet. A crash between the two may leave an act there twice, never missing."""
        for done in await asyncio.to_thread(self._staff.unwritten):
            try:
                await self._ledger.append(entry_of(done))
            except LeafError:
                await self._ledger.append(entry_of(done, name=UNSPEAKABLE, by=UNSPEAKABLE))
            await asyncio.to_thread(self._staff.mark_written, done.number)
        for number, line in await asyncio.to_thread(self._lines.unwritten):
            await self._ledger.append(line)
            await asyncio.to_thread(self._lines.mark_written, number)


def entry_of(done: Done, *, name: str | None = None, by: str | None = None) -> Act:
    """Return what the ledger says of an act on an account; ``name`` and ``by`` stand in for names that it does not take."""
    return Act(
        at_ms=done.at_ms,
        act="administered",
        what=f"account:{done.act.value}",
        purpose="administration",
        audience="service",
        client=Client.BROWSER if done.shell is None else Client.COMMAND_LINE,
        who=Personal(done.by, done.by if by is None else by),
        whose=(Personal(done.name, done.name if name is None else name),),
        reason=Personal(done.name, f"role {done.role.value}{_court_words(done.courts)}{shell_words(done.shell)}"),
    )


def _court_words(courts: tuple[str, ...]) -> str:
    return f" at {', '.join(courts)}" if courts else ""


def shell_words(shell: str | None) -> str:
    """Return what is added to a line about an act at the command line: the operating system's account that did it."""
    return "" if shell is None else f"; by the operating system's account {shell}"


def _nobody() -> None:
    """Nobody wants to know."""
