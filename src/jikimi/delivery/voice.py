"""Voice calls by a telephony service that takes signed requests and tells by signed requests what became of the call.

Many such services exist; their own forms differ. This adapter speaks one small form, and a deployer's bridge turns it into theirs:

    us → bridge     {"key", "to", "language", "say", "repeat", "until_ms", "drill", "confirm": "1", "connect"?}
    bridge → us     {"key", "event": "ringing|answered|confirmed|busy|no_answer|failed"}

With ``connect`` the listener is joined with that number after pressing 1.
``confirmed`` (the listener pressed 1) is a person's answer. ``answered`` is not: mailboxes answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from jikimi.delivery.endpoint import Poster
from jikimi.delivery.message import Answer, BadReceiptError, Message, Receipt, Step

BRIDGE: Final = "voice"
_REPEAT: Final = 2
_SHAPE: Final = 'Expected a JSON object with "key" and "event": ringing, answered, confirmed, busy, no_answer or failed.'


class CallEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bridge tells of one call."""

    key: str
    event: Literal["ringing", "answered", "confirmed", "busy", "no_answer", "failed"]


_STEPS: Final[Mapping[str, Step]] = {"confirmed": Step.SEEN, "busy": Step.FAILED, "no_answer": Step.FAILED, "failed": Step.FAILED}


class Voice:
    """Asks the bridge to call. ``poster`` knows it by the name ``voice``; a message's address is the telephone number."""

    name = "voice"
    is_idempotent = True

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Ask for one call; the bridge makes one call of each key."""
        call = {
            "key": message.key,
            "to": message.address,
            "language": message.language,
            "say": f"{message.title} {message.text}",
            "repeat": _REPEAT,
            "until_ms": message.until_ms,
            "drill": message.is_drill,
            "confirm": "1",
            **({} if message.connect is None else {"connect": message.connect}),
        }
        body = json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._poster.post(BRIDGE, message.key, body, "application/json", now_ms)

    async def close(self) -> None:
        """Leave in order."""
        await self._poster.close()


def call_receipt(body: bytes, now_ms: int) -> Receipt | None:
    """Return the receipt in a bridge's request, whose signature was checked; None where it says nothing final.

    Raises:
        BadReceiptError: another form.
    """
    try:
        event = msgspec.json.decode(body, type=CallEvent)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadReceiptError(_SHAPE) from None
    step = _STEPS.get(event.event)
    if step is None:
        return None
    return Receipt(key=event.key, channel="voice", step=step, at_ms=now_ms, from_device=step is Step.SEEN)
