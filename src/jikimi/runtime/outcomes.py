"""`jikimi outcomes`: what was found out afterwards, the public report, and rows for research."""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from jikimi.disclosure.ledger.leaf import Act, Client
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.identity.account import Status
from jikimi.identity.roles import RIGHTS, Right
from jikimi.identity.second import Deed, Request, SecondError
from jikimi.outcomes.row import DROPPED, Finding, HarmDone
from jikimi.runtime import policies
from jikimi.runtime.commands import fail, now_ms, say, settings
from jikimi.runtime.keeper import sayable
from jikimi.runtime.record import written_first
from jikimi.runtime.second import waits
from jikimi.runtime.settings import Settings
from jikimi.runtime.shell import os_account
from jikimi.runtime.stores import Stores
from jikimi.storage import files
from jikimi.storage.identity import SqlStaff
from jikimi.storage.outcomes import SqlOutcomes
from jikimi.storage.register import SqlRegister
from jikimi.storage.second import SqlSecond

if TYPE_CHECKING:
    from jikimi.outcomes.research import Agreement

_ABSENT: Final = "The parts for reports are not installed: install the extra `outcomes` of this package."
_WORDS: Final = {"yes": True, "no": False, "unknown": None}


class House(NamedTuple):
    """What every command here works with."""

    settings: Settings
    stores: Stores
    register: SqlRegister
    outcomes: SqlOutcomes


@contextlib.contextmanager
def opened(config: Path | None) -> Iterator[House]:
    """Give the outcome register of a server's folder, beside a running server."""
    found = settings(config)
    stores = Stores(found)
    register = stores.register()
    try:
        yield House(found, stores, register, SqlOutcomes(register.engine, policies.load(found)))
    finally:
        register.close()


def enter(
    config: Path | None, incident_id: str, by: str, *, breach: str | None, arrested: str | None, false: str | None, harm: str | None
) -> None:
    """Enter what was found out about an incident; what is not given stays as it was."""
    with opened(config) as house:
        _check_account(house, by, Right.ACT_ON_INCIDENTS)
        before = house.outcomes.finding(incident_id)
        kept = before if before is not None else Finding(by=by, at_ms=now_ms())
        found = msgspec.structs.replace(
            kept,
            by=by,
            at_ms=now_ms(),
            breach=kept.breach if breach is None else _WORDS[breach],
            arrested=kept.arrested if arrested is None else _WORDS[arrested],
            is_false=kept.is_false if false is None else _WORDS[false],
            harm=kept.harm if harm is None else None if harm == "unknown" else HarmDone(harm),
        )
        if not house.outcomes.find(incident_id, found):
            raise fail("There is no such incident.")
    say("Entered.")


def drop(config: Path | None, order_id: str, person: str, why: str, by: str) -> None:
    """Enter why somebody declined or left."""
    with opened(config) as house:
        _check_account(house, by, Right.SETTLE_TASKS)
        if why not in DROPPED:
            raise fail(f"The reason is one of {', '.join(DROPPED)}.")
        if not house.outcomes.dropped(order_id, person, why):
            raise fail("Under that order nobody of that name declined or left.")
    say("Entered.")


def report(config: Path | None, folder: Path, policy_id: str, year: int, quarter: int | None) -> None:
    """Write the report of a year or a quarter: made at the first time, and the same ever after."""
    try:
        from jikimi.outcomes import release as releases  # noqa: PLC0415 - an extra of its own
        from jikimi.outcomes.report import csv_of, html_of  # noqa: PLC0415
    except ImportError:
        raise fail(_ABSENT) from None
    with opened(config) as house:
        policy = policies.load(house.settings).get(policy_id)
        if policy is None:
            raise fail("There is no policy of that name.")
        name = releases.name_of(policy_id, year, quarter)
        body = house.outcomes.release(name)
        if body is None:
            try:
                releases.check_over(year, quarter, policy.time_zone, now_ms())
            except releases.NotOverError as error:
                raise fail(str(error)) from error
            made = releases.release(house.outcomes.rows(), policy_id, year, quarter, now_ms())
            body = house.outcomes.publish(name, now_ms(), msgspec.json.encode(made))
        found = msgspec.json.decode(body, type=releases.Release)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in ((folder / f"{name}.html", html_of(found)), (folder / f"{name}.csv", csv_of(found))):
        path.write_text(text, encoding="utf-8")
        say(str(path))


def research(config: Path | None, file: Path, agreement: Path, signature: Path, by: str, reason: str | None, number: int | None) -> None:
    """Ask a second person for rows on an agreement; once that is confirmed (``number``), write them, and into the ledger first."""
    try:
        from jikimi.outcomes.research import csv_of, rows_for  # noqa: PLC0415
    except ImportError:
        raise fail(_ABSENT) from None
    with opened(config) as house:
        found = _agreed(house, agreement, signature)
        requests = SqlSecond(house.register.engine, shell=os_account())
        try:
            if number is None:
                return waits(requests.propose(Deed.RESEARCH_ROWS, found.number, by, reason or "", now_ms=now_ms()))
            if file.exists():
                raise fail("There is something of that name already: rows are written into a new file.")
            request = requests.claim(number, Deed.RESEARCH_ROWS, found.number, by=by, now_ms=now_ms())
            written_first(house.stores, house.register, _line(found, request))
        except (SecondError, LedgerUnavailableError) as error:
            raise fail(str(error)) from error
        rows = rows_for(found, house.outcomes.rows())
    files.replace(file, csv_of(rows).encode())
    return say(f"{len(rows)} rows. The institute erases them by {found.erase_by.isoformat()}.")


def _agreed(house: House, agreement: Path, signature: Path) -> Agreement:
    """Return the agreement, or end with what is wrong with it: nobody is asked to confirm what could not be handed over."""
    from jikimi.outcomes.research import MOST_BYTES, AgreementError, agreed  # noqa: PLC0415

    today = dt.datetime.fromtimestamp(now_ms() / 1000, dt.UTC).date()
    try:
        return agreed(agreement.read_bytes()[:MOST_BYTES], _signature(signature), _signer(house.settings), today)
    except OSError as error:
        raise fail(f"The agreement or its signature cannot be read: {error.strerror}.") from None
    except AgreementError as error:
        raise fail(str(error)) from error


def _signature(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_bytes().strip(), validate=True)
    except binascii.Error:
        return b""


def _signer(found: Settings) -> bytes | None:
    if found.research_signer is None:
        return None
    try:
        return bytes.fromhex(found.research_signer)
    except ValueError:
        raise fail("The setting research_signer is a public key of Ed25519, 64 hexadecimal digits.") from None


def _line(found: Agreement, request: Request) -> Act:
    by = request.asked_by
    return Act(
        at_ms=now_ms(),
        act="exported",
        what="outcomes",
        purpose="research",
        audience="service",
        client=Client.COMMAND_LINE,
        who=sayable(by, by),
        reason=sayable(by, f"agreement {found.number} with {found.institute}; second person {request.settled_by}; {request.reason}"),
    )


def _check_account(house: House, name: str, right: Right) -> None:
    accounts = SqlStaff(house.register.engine).accounts()
    if not any(one.name == name and one.status is Status.ACTIVE and right in RIGHTS[one.role] for one in accounts):
        raise fail("This account does not exist, is not active, or its role does not allow it.")
