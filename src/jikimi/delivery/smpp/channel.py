"""SMS through a message centre, as a channel."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from jikimi.delivery.message import Answer, Message, Receipt, Step, Verdict
from jikimi.delivery.smpp.pdu import OK, Command, Delivered, Pdu, Submit, message_id, submit_body
from jikimi.delivery.smpp.session import BindRefusedError, Centre, LineLostError, Session
from jikimi.delivery.smpp.text import coded

_THROTTLED: Final = frozenset({0x14, 0x58})  # ESME_RMSGQFUL, ESME_RTHROTTLED (5.1.3)
_BAD_ADDRESS: Final = 0x0B
_UDH: Final = 0x40
_REPLACE: Final = 0x41
_STEPS: Final = {"DELIVRD": Step.DELIVERED, "UNDELIV": Step.FAILED, "REJECTD": Step.FAILED, "DELETED": Step.FAILED, "EXPIRED": Step.FAILED}


class SmppSms:
    """Sends texts over one bound session, and binds anew when it was lost.

    Not idempotent: no phone need drop a repetition. A text of one part asks the phone to let it take the place of the one before it on
    the topic (protocol identifier 41 to 47 hexadecimal, 3GPP TS 23.040 section 9.2.3.9); many do.
    """

    name = "sms"
    is_idempotent = False

    def __init__(self, centre: Centre, receive: Callable[[Receipt], None], now_ms: Callable[[], int]) -> None:
        self._centre = centre
        self._receive = receive
        self._now_ms = now_ms
        self._session: Session | None = None
        self._binding = asyncio.Lock()

    async def hand(self, message: Message, now_ms: int) -> Answer:
        """Submit a text, in as many parts as it needs."""
        try:
            submits = submits_of(message, self._centre.source, now_ms)
            bodies = [submit_body(one) for one in submits]
        except ValueError:
            return Answer(Verdict.REFUSED, why="address_unreadable", is_gone=True)
        try:
            session = await self._bound()
        except (OSError, LineLostError):
            return Answer(Verdict.REFUSED, why="unreachable", is_fault=True)
        except BindRefusedError:
            return Answer(Verdict.REFUSED, why="bind_refused", is_fault=True)
        # All parts leave before the first answer is awaited.
        answers = await asyncio.gather(*(session.ask(Command.SUBMIT_SM, body) for body in bodies), return_exceptions=True)
        return _together(answers)

    async def close(self) -> None:
        """Unbind."""
        session, self._session = self._session, None
        if session is not None:
            await session.unbind()

    async def _bound(self) -> Session:
        async with self._binding:
            if self._session is None or not self._session.is_open:
                if self._session is not None:
                    await self._session.close()
                self._session = await Session.bound(self._centre, self._delivered)
            return self._session

    def _delivered(self, told: Delivered) -> None:
        step = _STEPS.get(told.state or "")
        if told.message_id is not None and step is not None:
            self._receive(
                Receipt(key=None, reference=told.message_id, channel=self.name, step=step, at_ms=self._now_ms(), from_device=False)
            )


def submits_of(message: Message, source: str, now_ms: int) -> list[Submit]:
    """Return the parts of a message, none of which the centre keeps beyond the message's life.

    Raises:
        ValueError: the text is too long.
    """
    mark = hashlib.sha256(message.key.encode()).digest()
    text = coded(f"{message.title}\n{message.text}", mark[0])
    slot = hashlib.sha256(message.topic.encode()).digest()[0] % 7
    return [
        Submit(
            source=source,
            target=message.address,
            esm_class=_UDH if text.has_header else 0,
            protocol_id=0 if text.has_header else _REPLACE + slot,
            priority=1 if message.urgent else 0,
            validity=validity(message.until_ms - now_ms),
            data_coding=text.data_coding,
            octets=part,
        )
        for part in text.parts
    ]


def validity(left_ms: int) -> str:
    """Return a relative time as SMPP writes it (7.1.1), rounded down: ``000000000058000R`` is 58 s."""
    left_s = max(1, left_ms // 1000)
    minutes, seconds = divmod(left_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{min(days, 30):02}{hours:02}{minutes:02}{seconds:02}000R"


def _together(answers: Sequence[Pdu | BaseException]) -> Answer:
    """Return one answer for all parts: taken if all were, refused if none was; a half text is neither."""
    taken = [one for one in answers if isinstance(one, Pdu) and one.status == OK]
    if len(taken) == len(answers):
        return Answer(Verdict.ACCEPTED, reference=message_id(taken[-1].body))
    refusals = [one.status for one in answers if isinstance(one, Pdu) and one.status != OK]
    if taken or len(refusals) < len(answers):
        return Answer(Verdict.UNKNOWN, why="line_broke", is_fault=True)
    if refusals[0] in _THROTTLED:
        return Answer(Verdict.REFUSED, why="throttled", is_fault=True)
    return Answer(Verdict.REFUSED, why=f"status_{refusals[0]}", is_gone=refusals[0] == _BAD_ADDRESS)
