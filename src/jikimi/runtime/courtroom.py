"""The command line for whoever sets up a court that this server serves: its key, and what it still lacks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from jikimi.identity.account import Account, Status
from jikimi.identity.roles import Role
from jikimi.petitions.package import new_secret, public_of
from jikimi.runtime.commands import fail, say, settings
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.policies import court_names, forms
from jikimi.runtime.settings import CourtSettings, Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import SqlStaff

_STAFF = frozenset({Role.COURT, Role.COURT_CLERK})


def make_key(config: Path | None, court: str, file: Path) -> None:
    """Make a court's key in a file that only its owner reads, and print what belongs into the settings."""
    found = settings(config)
    _check_named(found, court)
    if file.resolve().is_relative_to(found.data.resolve()):
        raise fail("The key must lie outside the data folder, or a copy of the data opens the court's cases.")
    secret = new_secret()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as to:
            to.write(f"{secret}\n")
            to.flush()
            os.fsync(to.fileno())
    except FileExistsError:
        raise fail(f"{file} is there already. A key is never written over: what is sealed to it would be lost.") from None
    except OSError as error:
        raise fail(f"{file} cannot be written: {error.strerror}.") from None
    say(f'[courts.{court}]\nkey = "{public_of(secret)}"\nway = "here"\nkey_file = "{file.resolve()}"\nowner = ""   # an account of staff')
    say("Keep a second copy where the court keeps its keys: without it nobody opens a case again.")


def show(config: Path | None) -> None:
    """Print each court of the settings: how petitions reach it, and what it still lacks."""
    found = settings(config)
    if not found.courts:
        return say("The settings name no court: whoever petitions one prints and signs.")
    accounts = list(SqlStaff(Stores(found).register().engine).accounts())
    for name, court in found.courts.items():
        say(f"{name:<24} {court.way}")
        for line in _lacks(found, name, court, accounts):
            say(f"  {line}")
    return None


def _lacks(found: Settings, name: str, court: CourtSettings, accounts: Iterable[Account]) -> Iterator[str]:
    if name not in court_names(forms(found)):
        yield "No form names this court, so no petition comes."
    if court.way != "here":
        return
    locked = CourtKey(name, court, found.data).locked()
    if locked is not None:
        yield locked
    active = {one.name: one for one in accounts if one.status is Status.ACTIVE}
    if court.owner not in active:
        yield f"The owner {court.owner} is no active account: nobody answers for the orders of this court."
    staff = [one for one in active.values() if one.role in _STAFF and name in one.courts]
    judges = sum(one.role is Role.COURT for one in staff)
    yield f"{judges} judges, {len(staff) - judges} clerks."
    if judges == 0:
        yield "Nobody can decide: add a judge (jikimi staff add NAME --role court)."
    elif len(staff) == 1:
        yield "Nothing that ends or narrows an order can be confirmed: that takes a second account."


def _check_named(found: Settings, court: str) -> None:
    known = court_names(forms(found))
    if court not in known:
        raise fail(f"No form names a court {court}; the forms name {', '.join(sorted(known))}.")
