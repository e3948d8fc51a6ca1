"""The response of one server put together: incidents, the notices they ask for, and the channels by which those go out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
import structlog

from jikimi.apps.push import PushDesk
from jikimi.apps.screens import OpenScreens
from jikimi.apps.staff_receipts import StaffReceipts
from jikimi.delivery.cot_line import CotLine
from jikimi.delivery.filled import Filled
from jikimi.delivery.message import Message, Receipt, recipient_of
from jikimi.delivery.passage import Passage
from jikimi.delivery.ports import ShelfFailedError
from jikimi.delivery.rules import read_rules
from jikimi.delivery.runner import Runner
from jikimi.delivery.setup import DeliverySettings, channels_of, vapid_of
from jikimi.delivery.words import LANGUAGE, read_book
from jikimi.disclosure.gate import Audience
from jikimi.incidents.incident import Kind
from jikimi.incidents.room import Room
from jikimi.model.order import Order
from jikimi.model.policy import Policy
from jikimi.model.record import Decided, Events
from jikimi.model.responders import Responders
from jikimi.orders.clerk import Clerk
from jikimi.runtime.cot import CotFeed
from jikimi.runtime.daily import DailyTests
from jikimi.runtime.drills import Drills
from jikimi.runtime.field import FieldRoom
from jikimi.runtime.handsets import Episode, HandsetWatch
from jikimi.runtime.hub import Hub
from jikimi.runtime.notices import NoticeDesk
from jikimi.runtime.ports import Journal
from jikimi.runtime.reports import Reports
from jikimi.runtime.response import Response
from jikimi.runtime.speaking import TEXTS, Speaker
from jikimi.runtime.standing import Standing
from jikimi.runtime.troubles import OrderWatch
from jikimi.runtime.unpermitted import UnpermittedNotices
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.field_links import SqlFieldLinks
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf
from jikimi.storage.register import SqlRegister

INCIDENTS: Final = "incidents"
log = structlog.get_logger(__name__)


class FieldSite(NamedTuple):
    """What officers' links are made of: 32 bytes for them alone, and where their page is reached."""

    key: bytes
    url: str


class Attendance:
    """Everything that acts on what the core says.

    Args:
        hub: the running core.
        journal: what it stores in.
        register: its database holds the books of incidents, the outbox and the addresses too.
        clerk: a clerk of its own, for the thread of the books.
        policies: the policy under each id.
        delivery: the operator's channels.
        push_key: 32 bytes for Web Push.
        register_version: returns another number whenever the register of orders may have changed.
        unwatched: returns the orders in force that carry a tag and are not watched.
        field: what officers' links are made of.
        responders: who responds under each policy.
        overseers: returns who answers for data protection now.

    Raises:
        ValueError: the settings for Web Push cannot be used.
    """

    def __init__(
        self,
        hub: Hub,
        journal: Journal,
        register: SqlRegister,
        clerk: Clerk,
        policies: Mapping[str, Policy],
        delivery: DeliverySettings,
        push_key: bytes,
        register_version: Callable[[], int],
        unwatched: Callable[[], list[Order]],
        field: FieldSite,
        responders: Mapping[str, Responders],
        overseers: Callable[[], Collection[str]],
    ) -> None:
        rules, engine = read_rules(), register.engine
        self._standing = Standing()
        books, shelf, addresses = SqlIncidents(engine, self._standing.kept), SqlShelf(engine), SqlAddresses(engine)
        vapid = None if delivery.push is None else vapid_of(delivery.push, push_key)
        self.screens = OpenScreens()
        made = channels_of(delivery, rules, self.screens, self.receive, hub.now_ms, vapid, self._attached)
        channels = [Filled(one, self._link_url) if one.name in TEXTS else one for one in made]
        self._runner = Runner(shelf, channels, rules, hub.now_ms, self._handled)
        hosts = () if delivery.push is None else delivery.push.hosts
        book = read_book()
        self._daily = DailyTests(hub, addresses, book, rules, self._test)
        public = None if vapid is None else vapid.public
        self.push = PushDesk(addresses, self.receive, hub.now_ms, public, hosts, self._daily.on_request)
        notices = NoticeDesk(books, shelf, addresses, book, rules, frozenset(delivery.endpoints), _languages_of(books, policies))
        room = Room(books, responders)
        self.response = Response(hub, journal, room, books, clerk, notices, self._runner.wake, self._tell)
        self._hub, self._books, self._shelf, self._addresses = hub, books, shelf, addresses
        self.field = FieldRoom(hub, books, SqlFieldLinks(engine), self.response, responders, field.key, field.url)
        webhooks = frozenset(delivery.agencies())
        names = [one.name for one in channels]
        self.speaker = Speaker(hub, self.response, books, shelf, addresses, book, rules, policies, names, webhooks)
        self.unpermitted = UnpermittedNotices(addresses, book, rules, names, overseers, self._post, hub.now_ms)
        self.receipts = StaffReceipts(self._recipient, self.receive, hub.now_ms)
        self._reports = Reports(hub, self.response.dossier, delivery.source.strip("/") or "jikimi", self.field.for_request)
        self._handsets = HandsetWatch(hub, rules, self.response.signal)
        ask, tell = self.response.ask, self.response.signal
        self._orders = OrderWatch(hub, clerk, books, register_version, unwatched, ask, tell)
        self._maps = None if delivery.cot is None else CotFeed(hub, books, self.response, delivery.cot, CotLine(delivery.cot))
        self.drills = Drills(hub, self.response.signal)
        self.moved: Callable[[Passage], None] = lambda _passage: None
        """Told each notice as it comes further."""
        hub.heard = self._heard
        hub.attended = self._standing.concerns

    def speak(self, name: str, language: str) -> None:
        """Keep the language of a member of staff; quick, on any thread."""
        self._addresses.put(name, LANGUAGE, language)

    async def begin(self, number: int) -> None:
        """Take in what happened since the last word of an earlier process; ``number`` is the journal's last record."""
        await self.recall()
        await self.response.begin(number)
        await self.response.act(lambda room: room.end_drills(self._hub.now_ms()))
        self._handsets.resume(await self.response.ask(self._troubled))

    async def work(self) -> None:
        """Take in what happens, meet every clock and deliver, for ever."""
        async with asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(self.response.work())
            all_of_it.create_task(self._runner.run())
            all_of_it.create_task(self._handsets.work())
            all_of_it.create_task(self._daily.work())
            all_of_it.create_task(self.field.work())
            if self._maps is not None:
                all_of_it.create_task(self._maps.work())
            all_of_it.create_task(self._orders.work())

    async def close(self) -> None:
        """Let what is under way end; everything open stays in the books."""
        self.drills.close()
        await self.response.close()

    def _heard(self, record: Decided | Events) -> None:
        self.response.heard(record)
        self._handsets.heard(record)
        self.drills.heard(record)

    def _handled(self, passage: Passage) -> None:
        self._handsets.handled(passage)
        self.response.touched()
        self.moved(passage)

    def wake(self) -> None:
        """Something new lies in the outbox."""
        self._runner.wake()

    async def _recipient(self, key: str) -> str | None:
        """Return to whom a notice goes."""
        passage = await self.response.ask(self._shelf.passage, key)
        return None if passage is None else recipient_of(passage.message)

    def _link_url(self, link_id: str) -> str:
        return self.field.url_named(link_id)

    async def _attached(self, message: Message) -> Mapping[str, Any]:
        """Return what goes with a request. While the books cannot be read it goes out with its words alone."""
        try:
            return await self._reports.attached(message)
        except sa.exc.DBAPIError as error:
            log.warning("a request goes out without its report", kind=type(error).__name__)
            return {}

    async def _test(self, made: Callable[[], list[Passage]]) -> None:
        """Put daily tests in the outbox; a database that fails now is not asked again: tomorrow is another test."""
        try:
            await self.response.ask(lambda: self._shelf.add(made()))
        except (ShelfFailedError, sa.exc.DBAPIError) as error:
            log.warning("daily tests could not be sent", kind=type(error).__name__)
        self._runner.wake()

    async def _post(self, made: Callable[[], list[Passage]]) -> None:
        """Put passages in the outbox; whoever asks for it hears when it fails, and tries again."""
        await self.response.ask(lambda: self._shelf.add(made()))
        self._runner.wake()

    async def recall(self) -> None:
        """Take over which incidents stand in the books: at the start, and once another process erased some."""
        await self.response.ask(self._recall)

    def _recall(self) -> None:
        with self._books.reading() as page:
            self._standing.recalled(page.open_incidents())

    def _troubled(self) -> dict[str, Episode]:
        """Return the troubles of handsets that stand in the books."""
        with self._books.reading() as page:
            found = [(kind, one) for one in page.open_incidents() for kind in (Kind.PHONE_BATTERY, Kind.HANDSET) if kind in one.standing]
        return {one.party.protected_id: Episode(kind, one.party) for kind, one in found}

    def receive(self, receipt: Receipt) -> None:
        """Take word of a notice."""
        self._runner.receive(receipt)

    def _tell(self, number: int) -> None:
        """Tell the open desks that the queue may be another one."""
        self.screens.tell(Audience.DESK, INCIDENTS, b'{"version":"%d"}' % number)
        self.field.touched()


def _languages_of(books: SqlIncidents, policies: Mapping[str, Policy]) -> Callable[[Collection[str]], Mapping[str, str]]:
    """Return what finds the language that recipients of incidents' notices read: the first of each incident's policy."""

    def languages(incident_ids: Collection[str]) -> Mapping[str, str]:
        found = books.policies_of(incident_ids)
        return {incident_id: policies[name].languages[0] for incident_id, name in found.items() if name in policies}

    return languages
