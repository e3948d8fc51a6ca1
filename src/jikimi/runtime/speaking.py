"""What a person at the desk says from the screen: to her, to those who were sent, and to him only by the versioned texts.

A call is made by the telephone service that the operator set up: it rings, says one sentence, and joins the two when 1 is pressed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from jikimi.apps.incident_desk import Responding
from jikimi.apps.screens import address
from jikimi.apps.speaking_desk import Spoken, To
from jikimi.delivery.filled import mark
from jikimi.delivery.leak import check
from jikimi.delivery.message import Message
from jikimi.delivery.passage import Passage, Way, plan
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.voice import BRIDGE
from jikimi.delivery.words import LANGUAGE, Book, said, spoken_in
from jikimi.disclosure.gate import Audience
from jikimi.incidents.incident import Incident, Kind, name_of
from jikimi.incidents.links import Link
from jikimi.incidents.room import Room
from jikimi.incidents.status import NotAllowedError, Status, TaskStatus
from jikimi.model.notice import LIFE_MS
from jikimi.model.policy import Policy
from jikimi.runtime.hub import Hub
from jikimi.runtime.notices import DRILLED, STREAM, WEBHOOK
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf

HIS_WORDS: Final = frozenset({"charge", "leave_area", "call_office"})
TEXTS: Final = ("sms", "sms_http")


class Speaker:
    """Makes calls and messages of the desk.

    Args:
        hub: the running core.
        response: runs the incidents; its thread is the books'.
        books: of the incidents.
        shelf: the outbox.
        addresses: where people are reached.
        book: the texts.
        rules: how long a notice lives, and the order of channels.
        policies: the policy under each id, for its language.
        channels: the names of the channels that are set up.
        webhooks: names of the agencies that take webhooks.
    """

    def __init__(
        self,
        hub: Hub,
        response: Responding,
        books: SqlIncidents,
        shelf: SqlShelf,
        addresses: SqlAddresses,
        book: Book,
        rules: DeliveryRules,
        policies: Mapping[str, Policy],
        channels: Collection[str],
        webhooks: Collection[str],
    ) -> None:
        self._hub = hub
        self._response = response
        self._books = books
        self._shelf = shelf
        self._addresses = addresses
        self._book = book
        self._rules = rules
        self._policies = policies
        self._channels = frozenset(channels)
        self._webhooks = frozenset(webhooks)

    async def message(self, incident_id: str, spoken: Spoken, by: str) -> None:
        """Send words to somebody.

        Raises:
            NotAllowedError: they may not go there, or nothing leads there.
        """
        if spoken.to is To.MONITORED:
            await self._response.act(lambda room: self._instruct(room, incident_id, spoken, by))
        else:
            await self._response.act(lambda room: self._send(room, incident_id, spoken, by))

    async def call(self, incident_id: str, spoken: Spoken, by: str) -> None:
        """Have somebody called.

        Raises:
            NotAllowedError: nobody may be called there, or there is no telephone service or number.
        """
        await self._response.act(lambda room: self._ring(room, incident_id, spoken, by))

    async def text_link(self, link: Link, number: str, by: str) -> None:
        """Send an officer's link to his phone as a text message.

        Raises:
            NotAllowedError: no channel for text messages is set up.
        """
        await self._response.act(lambda room: self._text(room, link, number, by))

    # -- on the thread of the books --------------------------------------------------------------------------------

    def _instruct(self, room: Room, incident_id: str, spoken: Spoken, by: str) -> None:
        """Tell him one of his texts, by the policy's channels; words of an operator's own never go to him."""
        word = _his_word(self._open(incident_id), spoken)
        room.instruct(incident_id, word, by, self._hub.now_ms())

    def _send(self, room: Room, incident_id: str, spoken: Spoken, by: str) -> None:
        incident = self._open(incident_id)
        if spoken.text is None:
            raise NotAllowedError("Write what is to be sent.")
        hushed = spoken.to is To.PROTECTED and Kind.SILENT_SOS in incident.standing
        ladder = self._rules.ladders.hushed if hushed else self._rules.ladders.alarm
        name = f"desk.{spoken.to}.message"
        self._put(room, incident, spoken, name, ladder, by, f"message_{spoken.to}")

    def _ring(self, room: Room, incident_id: str, spoken: Spoken, by: str) -> None:
        incident = self._open(incident_id)
        if BRIDGE not in self._channels:
            raise NotAllowedError("No telephone service is set up; dial by hand and note the call.")
        if spoken.to is To.PROTECTED and Kind.SILENT_SOS in incident.standing:
            raise NotAllowedError("She calls silently: nothing may ring near her.")
        is_his = spoken.to is To.MONITORED
        name = f"instruction.monitored.{_his_word(incident, spoken)}" if is_his else f"desk.{spoken.to}.call"
        self._put(room, incident, spoken, name, (BRIDGE,), by, f"call_{spoken.to}")

    def _text(self, room: Room, link: Link, number: str, by: str) -> None:
        incident = self._open(link.incident_id)
        ways = [Way(channel, number) for channel in TEXTS if channel in self._channels]
        if not ways:
            raise NotAllowedError("No channel for text messages is set up; pass the link on by hand.")
        # What is kept and shown names the link; its address is filled in when it is handed over.
        made = self._message(incident, link.agency, "field.responder.link", mark(link.link_id), by)
        self._shelf.add([plan(made, ways, self._rules, is_danger=False)])
        room.mark(link.incident_id, "link_texted", by, self._hub.now_ms(), link.subject)

    def _open(self, incident_id: str) -> Incident:
        with self._books.reading() as page:
            incident = page.incident(incident_id)
        if incident is None or incident.status is Status.RESOLVED:
            raise NotAllowedError("There is no such incident that is open.")
        return incident

    def _put(
        self, room: Room, incident: Incident, spoken: Spoken, name: str, ladder: Collection[str], by: str, what: str
    ) -> None:  # fmt: skip
        words = spoken.text or ""
        found = [self._passage(incident, recipient, spoken.to, name, words, ladder, by) for recipient in _recipients(incident, spoken)]
        reached = [one for one in found if one.ways]
        if not reached:
            raise NotAllowedError("Nothing leads there: no address is known on any channel that is set up.")
        self._shelf.add(reached)
        room.mark(incident.incident_id, what, by, self._hub.now_ms(), words or None)

    def _passage(self, incident: Incident, recipient: str, to: To, name: str, words: str, ladder: Collection[str], by: str) -> Passage:
        addresses = {} if incident.drill and to is To.RESPONDER else self._addresses.of(recipient)
        if to is To.PROTECTED:
            addresses[STREAM] = address(Audience.PROTECTED, recipient)
        endpoint = recipient + DRILLED if incident.drill else recipient
        if endpoint in self._webhooks:
            addresses[WEBHOOK] = endpoint
        ways = [Way(channel, addresses[channel]) for channel in ladder if channel in addresses and channel in self._channels]
        message = self._message(incident, recipient, name, words, by)
        return plan(message, ways, self._rules, is_danger=False)

    def _message(self, incident: Incident, recipient: str, name: str, words: str, by: str) -> Message:
        policy, now_ms = self._policies[incident.party.policy_id], self._hub.now_ms()
        values = {"words": words} if words else {}
        language = spoken_in(self._book, name, self._addresses.of(recipient).get(LANGUAGE, policy.languages[0]))
        title, text = said(self._book, name, language, values, is_drill=incident.drill)
        if recipient == incident.party.monitored_id:
            check(f"{title}\n{text}")
        return Message(
            key=name_of(incident.incident_id, recipient, name, by, str(now_ms), str(incident.entries)),
            topic=f"{incident.incident_id} {recipient} {name}.{now_ms}",
            address="",
            title=title,
            text=text,
            language=language,
            urgent=True,
            sent_ms=now_ms,
            until_ms=now_ms + LIFE_MS,
            is_drill=incident.drill,
            connect=self._addresses.of(by).get(BRIDGE) if name.endswith(".call") else None,
        )


def _his_word(incident: Incident, spoken: Spoken) -> str:
    """Return which text is said to him: one of the versioned texts, and nothing in a drill or in a silent call, which he would hear of.

    Words of an operator's own never go to him: no check of words could know the name of her street.

    Raises:
        NotAllowedError: it may not.
    """
    if spoken.text_key not in HIS_WORDS or spoken.text is not None:
        raise NotAllowedError(f"To the monitored person go only these texts: {', '.join(sorted(HIS_WORDS))}.")
    if incident.drill:
        raise NotAllowedError("This is a drill: nothing goes to the monitored person.")
    if Kind.SILENT_SOS in incident.standing:
        raise NotAllowedError("She calls silently: nothing goes to the monitored person, or he would know that she called.")
    return spoken.text_key


def _recipients(incident: Incident, spoken: Spoken) -> list[str]:
    if spoken.to is To.PROTECTED:
        return [incident.party.protected_id]
    if spoken.to is To.MONITORED:
        return [incident.party.monitored_id]
    sent = dict.fromkeys(task.responder for task in incident.tasks if task.status is not TaskStatus.DONE)
    return [name for name in sent if spoken.agency in {None, name}]
