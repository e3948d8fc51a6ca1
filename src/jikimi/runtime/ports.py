"""What the runtime needs of its adapters. ``storage`` implements these; tests have a fake of each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from jikimi.model.order import Device, Order
from jikimi.model.storing import NotStoredError


class JournalFailedError(NotStoredError):
    """The journal could not store a batch (disk full, file gone). Nothing of that batch is acknowledged."""


class Past(NamedTuple):
    """Where a replay begins: a state, after which record it was, and all records since that are still there."""

    number: int
    state: bytes
    records: Iterator[tuple[int, bytes]]


class Journal(Protocol):
    """The durable, ordered record of what came in."""

    def append(self, records: Sequence[bytes]) -> asyncio.Future[int]:
        """Queue encoded records, in order and in one transaction; the future gives the last record's number.

        Called on the event loop, never blocks. The future resolves after the commit that made them durable, or
        raises ``JournalFailedError``. Calls commit in the order they were made; several may share one commit.
        """
        ...

    def read(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (number, record) of every record with a number above ``after``, in order."""
        ...

    def save_checkpoint(self, number: int, state: bytes) -> asyncio.Future[None]:
        """Keep ``state`` as the engine's state after record ``number``; older checkpoints may go."""
        ...

    def load_checkpoint(self) -> tuple[int, bytes] | None:
        """Return the newest checkpoint that can be read, or None."""
        ...

    def past(self) -> Past | None:
        """Return where a replay begins, or None where nothing has left the journal yet."""
        ...

    def close(self) -> None:
        """Commit what is queued and close. Blocks."""
        ...


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser. ``subject`` is a person's or a staff member's id.

    ``how`` it signed in: ``code``, ``passkey`` or ``sso``. ``is_locked``: it shows nothing until it is unlocked.
    """

    audience: str
    subject: str
    until_ms: int
    how: str = "code"
    is_locked: bool = False


class Register(Protocol):
    """Persons, orders, devices, invitations and sessions. Synchronous; never called while a fix is decided."""

    def add_person(self, person_id: str, label: str) -> None: ...
    def label(self, person_id: str) -> str | None: ...
    def add_device(self, device: Device) -> None: ...
    def revoke_device(self, device_id: str) -> None: ...
    def devices(self) -> list[Device]: ...
    def add_order(self, order: Order) -> None: ...
    def orders(self) -> list[Order]: ...
    def add_invitation(self, code: str, audience: str, subject: str, until_ms: int) -> None: ...
    def redeem(self, code: str, audience: str, now_ms: int, session_until_ms: int) -> str | None:
        """Turn an unused invitation to this audience into a session; return its opaque token, or None. A code works once."""
        ...

    def session(self, token: str, audience: str, now_ms: int) -> Session | None: ...
    def standing(self, tokens: Collection[str], audience: str, now_ms: int) -> dict[str, Session]: ...
    def end_session(self, token: str) -> None: ...
