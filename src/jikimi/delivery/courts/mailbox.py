"""A court's mailbox. The mail says nothing but that a sealed petition is attached; the package needs the court's key."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.utils import format_datetime

from jikimi.delivery.mail import Relay, sent
from jikimi.delivery.message import Verdict
from jikimi.delivery.times import moment
from jikimi.petitions.package import Package
from jikimi.petitions.ports import Handed, NotHandedError


class Mailbox:
    """Mails packages through the operator's relay."""

    def __init__(self, relay: Relay, address: str) -> None:
        self._relay = relay
        self._address = address

    async def hand(self, package: Package, now_ms: int) -> Handed:
        """Send one mail."""
        answer = await asyncio.to_thread(sent, self._relay, mail_of(package, self._relay.sender, self._address, now_ms))
        if answer.verdict is Verdict.UNKNOWN:
            raise NotHandedError("The mail server did not say whether it took the petition. Try again: it is counted once.")
        if answer.verdict is not Verdict.ACCEPTED:
            raise NotHandedError("The court's mailbox did not take the petition. Nothing was filed.")
        return Handed(now_ms, None)

    async def close(self) -> None:
        """Nothing is held open."""


def mail_of(package: Package, sender: str, address: str, now_ms: int) -> EmailMessage:
    """Return the mail. Its Message-ID is the package's hash, so that a repetition is one mail to the reader."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = address
    mail["Subject"] = "Jikimi: petition (sealed)"
    mail["Date"] = format_datetime(moment(now_ms))
    mail["Message-ID"] = f"<{package.sha256}@jikimi.invalid>"
    mail.set_content(f"A petition is attached, sealed to this court's key (age).\nSHA-256 {package.sha256}\n")
    mail.add_attachment(package.body, maintype="application", subtype="age", filename=package.name)
    return mail
