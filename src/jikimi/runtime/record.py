"""`jikimi export` and `jikimi import`: an order's or a person's whole record as files, and back, with nothing lost or changed.

An export needs two persons and a reason, and stands in the ledger before the first line of it is read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import sqlalchemy as sa

from jikimi.disclosure.gate import Audience, Closed, of_all, of_one, unseen
from jikimi.disclosure.held import held
from jikimi.disclosure.ledger.leaf import MOST_WHOSE, Act, Client
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.proof import Proof
from jikimi.disclosure.retention.due import Claim
from jikimi.disclosure.viewer import whole
from jikimi.model.access import Purpose
from jikimi.model.order import Order
from jikimi.model.policy import Policy
from jikimi.runtime import policies
from jikimi.runtime.keeper import LOCK, Keeper, sayable
from jikimi.runtime.settings import Settings
from jikimi.runtime.shell import os_account
from jikimi.runtime.staffing import shell_words
from jikimi.runtime.stores import Stores
from jikimi.storage import files, record
from jikimi.storage.archive import FIXES, REGISTER, Archive, ArchiveError, FixLine, counted, line_of, write
from jikimi.storage.database import writing
from jikimi.storage.lines import SqlLines
from jikimi.storage.personal import court_order
from jikimi.storage.record import Row
from jikimi.storage.register import SqlRegister
from jikimi.storage.vault.store import Vault

EVER_MS: Final = 253_402_300_800_000
WAIT_S: Final = 15.0
"""So long it is waited for the running server to take a line into the ledger."""
LOOK_S: Final = 0.1
MOST_REASON: Final = 300


class HistoryRefusedError(ValueError):
    """History stays closed. The text is a sentence for whoever asked; it names nobody."""


_SHUT: Final = {
    Closed.ALONE: "An export needs a second person, who is another one.",
    Closed.POLICY: "The policy of an order does not know an export among its purposes.",
}


class Wish(NamedTuple):
    """What is to be exported, by whom, and why. ``second`` is who else stands for it."""

    order_id: str | None
    person_id: str | None
    by: str
    second: str | None
    reason: str


class Exported(NamedTuple):
    """What became of it."""

    rows: int
    fixes: int


def export(settings: Settings, wish: Wish, folder: Path, now_ms: int) -> Exported:
    """Write a record.

    Raises:
        HistoryRefusedError: the gate does not open.
        LedgerUnavailableError: it could not be written down; nothing was read.
        ArchiveError: the folder cannot be written.
    """
    stores = Stores(settings)
    keeper = Keeper(settings, stores, now_ms)
    try:
        keeper.look()
        claims = keeper.retention.claims()
        orders, persons = _wanted(wish, claims)
        proof = _opened(wish, orders, keeper.register.orders(), policies.load(settings), {one.order_id: one for one in claims}, now_ms)
        if folder.exists():
            raise ArchiveError("There is something of that name already: a record is written into a new folder.")
        written_first(stores, keeper.register, _line(wish, orders, persons, now_ms))
        with files.alone(stores.vault_folder / LOCK):
            manifest = write(folder, orders, persons, _rows(keeper.register, orders, persons), _fixes(keeper.vault, proof), now_ms)
        return Exported(*(file.lines for file in manifest.files))
    finally:
        keeper.close()


def _wanted(wish: Wish, claims: Iterable[Claim]) -> tuple[list[str], frozenset[str]]:
    """Return the orders and persons of a record: an order with all whom it names, or a person with all orders that name her or him."""
    if wish.order_id is not None:
        found = [claim for claim in claims if claim.order_id == wish.order_id]
        return [claim.order_id for claim in found], frozenset(name for claim in found for name in claim.persons)
    assert wish.person_id is not None, "the command asks for one of the two"
    named = [claim for claim in claims if wish.person_id in claim.persons]
    return sorted(claim.order_id for claim in named), frozenset({wish.person_id})


def _opened(
    wish: Wish,
    orders: Sequence[str],
    told: Iterable[Order],
    known: Mapping[str, Policy],
    claims: Mapping[str, Claim],
    now_ms: int,
) -> Proof:
    """Ask the gate for each order; return what may be read of the persons.

    Raises:
        HistoryRefusedError: it stays closed, and why.
    """
    if not wish.reason.strip() or len(wish.reason) > MOST_REASON:
        raise HistoryRefusedError(f"Say why, in 1 to {MOST_REASON} characters.")
    if not orders:
        raise HistoryRefusedError("The register knows no such order.")
    stretches = list(told)
    proofs: list[Proof] = []
    for order_id in orders:
        policy = known.get(claims[order_id].policy_id)
        if policy is None:
            raise HistoryRefusedError("The policy of an order is not installed here, so nobody can say whether its record may leave.")
        own = [one for one in stretches if court_order(one.order_id, claims.keys()) == order_id]
        opening = whole(wish.by, wish.second, held(order_id, own), policy, now_ms)
        if opening.proof is None:
            raise HistoryRefusedError(_SHUT.get(opening.closed or Closed.POLICY, _SHUT[Closed.POLICY]))
        proofs.append(opening.proof)
    return of_one(proofs, wish.person_id) if wish.person_id is not None else of_all(proofs)


def _line(wish: Wish, orders: Sequence[str], persons: Iterable[str], now_ms: int) -> Act:
    first = orders[0]
    return Act(
        at_ms=now_ms,
        act="exported",
        what="record",
        purpose=Purpose.EXPORT.value,
        audience=Audience.RECORD.value,
        client=Client.COMMAND_LINE,
        who=sayable(wish.by, wish.by),
        whose=tuple(sayable(name, name) for name in sorted(persons)[:MOST_WHOSE]),
        order=sayable(first, first),
        reason=sayable(first, f"second person {wish.second}; {wish.reason}"),
    )


def written_first(stores: Stores, register: SqlRegister, act: Act) -> None:
    """Have a line in the ledger before anything is read: by the running server, or, where none runs, at once.

    Raises:
        LedgerUnavailableError: it is not there; then what it is about must not happen.
    """
    lines = SqlLines(register.engine)
    lines.add(act)
    try:
        asyncio.run(_copied(stores, lines))
    except LedgerUnavailableError:
        until = time.monotonic() + WAIT_S
        while lines.unwritten():
            if time.monotonic() > until:
                raise
            time.sleep(LOOK_S)


async def _copied(stores: Stores, lines: SqlLines) -> None:
    ledger = await asyncio.to_thread(stores.ledger)
    try:
        for number, act in lines.unwritten():
            await ledger.append(act)
            lines.mark_written(number)
    finally:
        await asyncio.to_thread(ledger.close)


def _rows(register: SqlRegister, orders: Iterable[str], persons: Iterable[str]) -> Iterator[Row]:
    seen: set[str] = set()
    with register.engine.connect() as connection, connection.begin():
        many: list[Callable[[], Iterator[Row]]] = [lambda name=name: record.of_order(connection, name) for name in sorted(orders)]  # type: ignore[misc]
        for rows in (*(each() for each in many), record.of_persons(connection, sorted(persons), secrets=False)):
            for row in rows:
                # A link belongs to two orders, and a check of identity to an order and a person.
                mark = repr(row)
                if mark not in seen:
                    seen.add(mark)
                    yield row


def _fixes(vault: Vault, proof: Proof) -> Iterator[FixLine]:
    for person_id in proof.persons:
        for span in proof.pieces(person_id):
            for kept in vault.read(person_id, span.from_ms, span.until_ms, proof):
                yield line_of(person_id, kept)


# -- the way back ------------------------------------------------------------------------------------------------


def bring_in(settings: Settings, folder: Path, sha256: str | None, now_ms: int, by: str = "command line") -> Exported:
    """Import a record into a system that knows none of it, and hold what is there now against the record; the ledger has it first.

    Killed anywhere, it is done again from the beginning: history that belongs to nobody the register knows is what it left behind.

    Raises:
        ArchiveError: the record cannot be used, or something of it is known here, or it came in otherwise than it is.
        LedgerUnavailableError: it could not be written down, and nothing was taken.
    """
    archive = Archive(folder, sha256)
    manifest = archive.manifest
    stores = Stores(settings)
    keeper = Keeper(settings, stores, now_ms)
    try:
        with keeper.register.engine.connect() as connection:
            if record.known(connection, manifest.orders, manifest.persons):
                raise ArchiveError(
                    "This system knows an order or a person of the record already: a record is imported where nothing of it is."
                )
        written_first(stores, keeper.register, _taken(by, manifest.orders, manifest.persons, now_ms))
        with files.alone(stores.vault_folder / LOCK):
            for person_id in manifest.persons:
                for day in keeper.vault.days(person_id):
                    keeper.vault.erase(person_id, day)
            for person_id, kept in archive.people():
                keeper.vault.put(person_id, kept)
        _put_rows(keeper.register, archive)
        _compare(keeper, archive)
        return Exported(*(file.lines for file in manifest.files))
    finally:
        keeper.close()


def _taken(by: str, orders: Sequence[str], persons: Sequence[str], now_ms: int) -> Act:
    first = orders[0] if orders else by
    return Act(
        at_ms=now_ms,
        act="imported",
        what="record",
        purpose="administration",
        audience="service",
        client=Client.COMMAND_LINE,
        who=sayable(by, by),
        whose=tuple(sayable(name, name) for name in sorted(persons)[:MOST_WHOSE]),
        order=sayable(first, first) if orders else None,
        reason=sayable(first, f"a record of {len(orders)} orders and {len(persons)} persons{shell_words(os_account())}"),
    )


def _put_rows(register: SqlRegister, archive: Archive) -> None:
    try:
        with writing(register.engine) as connection, connection.begin():
            record.put(connection, archive.rows())
    except sa.exc.IntegrityError:
        raise ArchiveError("The register of the record says something twice, or something that is known here already.") from None


def _nowhere(_line: bytes) -> None:
    """Nobody reads it: only its hash is asked for."""


def _compare(keeper: Keeper, archive: Archive) -> None:
    """Spell out what was imported as an export does, and compare: 0 differences, or it is said."""
    manifest = archive.manifest
    rows, fixes = _rows(keeper.register, manifest.orders, manifest.persons), _fixes(keeper.vault, unseen(manifest.persons, 0, EVER_MS))
    again = (counted(REGISTER, rows, _nowhere), counted(FIXES, fixes, _nowhere))
    different = [there.name for there, here in zip(manifest.files, again, strict=True) if there != here]
    if different:
        raise ArchiveError(f"What was imported differs from the record in {' and '.join(different)}. Do not use this system.")


REFUSALS: Final = (HistoryRefusedError, ArchiveError, LedgerUnavailableError)
"""Errors whose text is a sentence for whoever exports or imports."""
