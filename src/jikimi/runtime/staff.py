"""The command line's accounts: add, list, another role, a new code, disable; and their passkeys."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from jikimi.identity.account import Account, AccountError
from jikimi.identity.passkeys import Kind, named_of
from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.runtime.commands import CODE_MS, fail, now_ms, say, settings, utc
from jikimi.runtime.policies import forms
from jikimi.runtime.shell import os_account
from jikimi.runtime.stores import Stores
from jikimi.storage.identity import SqlStaff, door_of
from jikimi.storage.passkeys import SqlPasskeys

T = TypeVar("T")


def add(config: Path | None, name: str, role: str, by: str | None, at: Collection[str] = ()) -> None:
    """Make an account and print its code, where its role has an app; ``at``: the courts it belongs to."""
    asked = Role(role)
    _check_courts(config, at)
    code = new_code() if door_of(asked) is not None else None
    now = now_ms()
    who = name if by is None else by
    account = _ask(lambda: _staff(config).add(name, asked, who, code, now_ms=now, until_ms=now + CODE_MS, courts=at))
    say(f"account     {account.name}, {account.role.value}{_at(account)}")
    if code is not None:
        _say_code(account, code)


def code(config: Path | None, name: str, by: str) -> None:
    """Print a new code for an account."""
    made, now = new_code(), now_ms()
    _say_code(_ask(lambda: _staff(config).give_code(name, by, made, now_ms=now, until_ms=now + CODE_MS)), made)


def role(config: Path | None, name: str, role: str, by: str | None) -> None:
    """Give an account another role."""
    _ask(lambda: _staff(config).change_role(name, Role(role), name if by is None else by, now_ms=now_ms()))
    say("Changed. Its sessions end within two seconds; `jikimi staff code` gives a new code.")


def courts(config: Path | None, name: str, at: Collection[str], by: str) -> None:
    """Let an account belong to these courts and no others."""
    _check_courts(config, at)
    account = _ask(lambda: _staff(config).belong(name, at, by, now_ms=now_ms()))
    say(f"account     {account.name}, {account.role.value}{_at(account)}. Its sessions end within two seconds.")


def disable(config: Path | None, name: str, by: str) -> None:
    """End an account for good."""
    _ask(lambda: _staff(config).disable(name, by, now_ms=now_ms()))
    say("Disabled. Its sessions and open screens end within two seconds.")


def unlock(config: Path | None, name: str, by: str) -> None:
    """Let an account that failed too often sign in again."""
    _ask(lambda: _staff(config).unlock(name, by, now_ms=now_ms()))
    say("Unlocked. Its failures are forgotten, and those of its codes.")


def passkeys(config: Path | None, name: str) -> None:
    """Print an account's passkeys, oldest first."""
    for one in SqlPasskeys(Stores(settings(config)).register().engine).of(Kind.STAFF, name):
        used = "never used" if one.used_ms is None else f"last used {utc(one.used_ms)}"
        say(f"{named_of(one):<24} made {utc(one.made_ms)}   {used}")


def remove_passkey(config: Path | None, name: str, named: str, by: str) -> None:
    """Take one passkey of an account away."""
    _ask(lambda: _staff(config).remove_passkey(name, named, by, now_ms=now_ms()))
    say("Taken away. All sessions of the account end within two seconds; `jikimi staff code` gives a code for another passkey.")


def show(config: Path | None) -> None:
    """Print all accounts."""
    for account in _staff(config).accounts():
        say(f"{account.name:<24} {account.role.value:<14} {account.status.value}{_at(account)}")


def _at(account: Account) -> str:
    return f" at {', '.join(account.courts)}" if account.courts else ""


def _check_courts(config: Path | None, at: Collection[str]) -> None:
    """End where a court is none that a form names: its petitions would never come."""
    if not at:
        return
    known = {one.choice_id for form in forms(settings(config)).values() for one in form.question(form.venue.court).choices}
    for unknown in sorted(set(at) - known):
        raise fail(f"No form names a court {unknown}; the forms name {', '.join(sorted(known))}.")


def _staff(config: Path | None) -> SqlStaff:
    return SqlStaff(Stores(settings(config)).register().engine, shell=os_account())


def _ask(call: Callable[[], T]) -> T:
    try:
        return call()
    except AccountError as error:
        raise fail(str(error)) from error


def _say_code(account: Account, made: str) -> None:
    say(f"pairing     {made}   for {account.name}, once, within 7 days")
