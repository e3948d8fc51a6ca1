"""`jikimi address`: where recipients of notices are reached beside their open pages. Nothing of an address is ever printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from jikimi.runtime.commands import fail, say, settings
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses

_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164
_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
FORMS: Final = {"sms": _PHONE, "sms_http": _PHONE, "voice": _PHONE, "email": _MAIL}


def put(config: Path | None, recipient: str, channel: str, address: str) -> None:
    """Keep where somebody is reached on a channel; it takes the place of the address before."""
    form = FORMS.get(channel)
    if form is None:
        raise fail(f"An address is entered for one of {', '.join(FORMS)}; pages and push tell theirs themselves.")
    if form.fullmatch(address) is None:
        raise fail("A telephone number begins with + and the country; a mail address has an @.")
    _addresses(config).put(recipient, channel, address)
    say("Kept. A running server uses it from the next notice on.")


def drop(config: Path | None, recipient: str, channel: str) -> None:
    """Forget where somebody is reached on a channel."""
    _addresses(config).drop(recipient, channel)
    say("Forgotten.")


def _addresses(config: Path | None) -> SqlAddresses:
    return SqlAddresses(Stores(settings(config)).register().engine)
