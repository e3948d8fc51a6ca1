"""E-mail by SMTP (RFC 5321). Slow by nature: for duty desks and for what is not urgent."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

import msgspec

from jikimi.delivery.message import Answer, Message, Verdict
from jikimi.delivery.push.channel import topic_of
from jikimi.delivery.times import moment


class Relay(msgspec.Struct, frozen=True, kw_only=True):
    """The operator's own mail server. ``is_plain`` only for one on this machine."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    is_plain: bool = False
    timeout_s: float = 5.0


class Mail:
    """Hands each message to the relay in a connection of its own, beside the event loop."""

    name = "email"
    is_idempotent = True
    """Mail programs show one of each Message-ID."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Send one mail."""
        try:
            mail = mail_of(message, self._relay.sender, now_ms)
        except ValueError:
            return Answer(Verdict.REFUSED, why="address_unreadable", is_gone=True)
        return await asyncio.to_thread(sent, self._relay, mail)

    async def close(self) -> None:
        """Nothing is held open."""


def mail_of(message: Message, sender: str, now_ms: int) -> EmailMessage:
    """Return the mail.

    Raises:
        ValueError: an address or title with a line break in it, which would add headers.
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = message.title
    mail["Date"] = format_datetime(moment(now_ms))
    mail["Message-ID"] = f"<{topic_of(message.key)}@jikimi.invalid>"
    mail["Expires"] = format_datetime(moment(message.until_ms))  # RFC 4021 section 2.1.50
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's out-of-office answers
    mail["Importance"] = "high" if message.urgent else "normal"
    mail["Content-Language"] = message.language
    mail.set_content(message.text)
    return mail


def sent(relay: Relay, mail: EmailMessage) -> Answer:
    """Hand a mail to the relay and return what it said. Waits for the relay: not for an event loop."""
    try:
        server = smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout_s)
    except (OSError, smtplib.SMTPException):
        return Answer(Verdict.REFUSED, why="unreachable", is_fault=True)
    try:
        return _said(server, relay, mail)
    finally:
        # What the relay says to our leave changes nothing: the mail is taken or not by then.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.quit()


def _said(server: smtplib.SMTP, relay: Relay, mail: EmailMessage) -> Answer:
    is_sent = False
    try:
        if not relay.is_plain:
            server.starttls(context=ssl.create_default_context())
        if relay.user is not None:
            server.login(relay.user, relay.password or "")
        is_sent = True
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        return _recipient(error)
    except smtplib.SMTPResponseException as error:
        return Answer(Verdict.REFUSED, why=f"smtp_{error.smtp_code}", is_fault=True)
    except (OSError, smtplib.SMTPException):
        return Answer(Verdict.UNKNOWN if is_sent else Verdict.REFUSED, why="unreachable", is_fault=True)
    return Answer(Verdict.ACCEPTED, reference=str(mail["Message-ID"]).partition("@")[0].removeprefix("<"))


def _recipient(error: smtplib.SMTPRecipientsRefused) -> Answer:
    codes = [code for code, _ in error.recipients.values()]
    return Answer(Verdict.REFUSED, why=f"smtp_{codes[0]}", is_gone=codes[0] in {550, 553})
