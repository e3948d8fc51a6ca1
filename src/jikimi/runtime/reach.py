"""`jikimi address`: where recipients of notices are reached beside their open pages. Nothing of an address is ever printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from jikimi.disclosure.ledger.leaf import Act, Client
from jikimi.runtime.commands import fail, now_ms, say, settings
from jikimi.runtime.keeper import sayable
from jikimi.runtime.shell import os_account
from jikimi.runtime.staffing import shell_words
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.lines import SqlLines

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
FORMS: Final = {"sms": _PHONE, "sms_http": _PHONE, "voice": _PHONE, "email": _MAIL}


def put(config: Path | None, recipient: str, channel: str, address: str, by: str) -> None:
    """Keep where somebody is reached on a channel; it takes the place of the address before."""
    form = FORMS.get(channel)
    if form is None:
        raise fail(f"An address is entered for one of {', '.join(FORMS)}; pages and push tell theirs themselves.")
    if form.fullmatch(address) is None:
        raise fail("A telephone number begins with + and the country; a mail address has an @.")
    _kept(config, recipient, channel, by, "set", lambda found: found.put(recipient, channel, address))
    say("Kept. A running server uses it from the next notice on.")


def drop(config: Path | None, recipient: str, channel: str, by: str) -> None:
    """Forget where somebody is reached on a channel."""
    _kept(config, recipient, channel, by, "dropped", lambda found: found.drop(recipient, channel))
    say("Forgotten.")


def _kept(config: Path | None, recipient: str, channel: str, by: str, what: str, change: Callable[[SqlAddresses], None]) -> None:
    """Change an address, and write down for the ledger whose and who did it; never what it is."""
    engine = Stores(settings(config)).register().engine
    change(SqlAddresses(engine))
    SqlLines(engine).add(
        Act(
            at_ms=now_ms(),
            act="administered",
            what=f"address:{what}",
            purpose="administration",
            audience="service",
            client=Client.COMMAND_LINE,
            who=sayable(by, by),
            whose=(sayable(recipient, recipient),),
            reason=sayable(recipient, f"{channel}{shell_words(os_account())}"),
        )
    )
