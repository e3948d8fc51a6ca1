"""What providers tell of messages afterwards, as their bridges post it. Pure: a body in, a receipt or a refusal out.

A text message: ``{"key", "status": "delivered" | "failed"}``. A call: see ``voice``. An e-mail that came back: the bounce as the mail
server made it (RFC 3464, ``multipart/report``), which names our message by its Message-ID. None of it ends the search for another
channel but a call's ``confirmed``: a provider's "delivered" is kept and not believed.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from types import MappingProxyType
from typing import Annotated, Final, Literal

import msgspec

from jikimi.delivery.message import BadReceiptError, Receipt, Step
from jikimi.delivery.sms_gateway import GATEWAY
from jikimi.delivery.voice import BRIDGE, call_receipt

MAIL: Final = "email"
_KEY = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16,64}$")]
_MESSAGE_ID: Final = re.compile(r"<([A-Za-z0-9_-]{10,64})@jikimi\.invalid>")


class TextStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a text message."""

    key: _KEY
    status: Literal["sent", "delivered", "failed"]


_text = msgspec.json.Decoder(TextStatus)


def provider_receipt(name: str, body: bytes, now_ms: int) -> Receipt | None:
    """Return the receipt in a provider's request, whose signature was checked; None where it says nothing final.

    Raises:
        BadReceiptError: another form.
    """
    return FORMS[name](body, now_ms)


def _texted(body: bytes, now_ms: int) -> Receipt | None:
    try:
        told = _text.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadReceiptError('Expected a JSON object with "key" and "status": sent, delivered or failed.') from None
    steps = {"delivered": Step.DELIVERED, "failed": Step.FAILED}
    if told.status not in steps:
        return None
    return Receipt(key=told.key, channel="sms_http", step=steps[told.status], at_ms=now_ms, from_device=False)


def _bounced(body: bytes, now_ms: int) -> Receipt | None:
    """Return a bounce's receipt. A delay is none: the mail may still come."""
    try:
        report = email.message_from_bytes(body, policy=email.policy.default)
        parts = [part for part in report.walk() if isinstance(part, EmailMessage)]
        kinds = {part.get_content_type() for part in parts}
        actions = {str(part.get("Action", "")).strip().lower() for part in parts}
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        # The standard library's parser raises these on headers that are none.
        raise BadReceiptError("The message cannot be read.") from None
    found = _MESSAGE_ID.search(body.decode("latin-1"))
    if "message/delivery-status" not in kinds or found is None:
        raise BadReceiptError("Expected a delivery report (RFC 3464) that names a message of ours.")
    if "failed" not in actions:
        return None
    return Receipt(key=None, reference=found[1], channel=MAIL, step=Step.FAILED, at_ms=now_ms, from_device=False)


FORMS: Final[Mapping[str, Callable[[bytes, int], Receipt | None]]] = MappingProxyType(
    {GATEWAY: _texted, BRIDGE: call_receipt, MAIL: _bounced}
)
"""Whose word is taken, by the name of the endpoint whose secret signs it."""
