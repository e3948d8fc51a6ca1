"""Officers' links beside a running server: made with a request or by an operator, exchanged once, ended with the incident.

What a link shows is kept in memory while somebody has it open, so that no officer's screen waits for the books; it is looked at
again whenever incidents change, and at least every few seconds, so that nothing is shown for longer than that after its end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
import structlog

from jikimi.apps.api import RefusedError
from jikimi.apps.field import Case
from jikimi.apps.pairing import source_of
from jikimi.incidents.incident import Incident, Outcome, Where
from jikimi.incidents.links import Link, link_id_of, new_id, officer_named, token_of, why_closed
from jikimi.incidents.room import Room, Said
from jikimi.incidents.status import NotAllowedError, Status, TaskStatus
from jikimi.ingest.limits import Meter
from jikimi.model.responders import Responders
from jikimi.runtime.hub import Hub
from jikimi.storage.field_links import SqlFieldLinks
from jikimi.storage.incidents import SqlIncidents

log = structlog.get_logger()

LOOK_S: Final = 2.0
"""A link in use is looked at so often though nothing is heard of its incident."""
REST_S: Final = 0.3
"""Between two looks, however much happens."""
BELIEVED_S: Final = 2.0
"""What the books said of a link is believed for so long."""
FAILURE_S: Final = 0.3
SYSTEM: Final = "system"
T = TypeVar("T")


class Acting(Protocol):
    """Runs the room of incidents."""

    async def ask(self, call: Callable[..., T], *args: object) -> T:
        """Ask the books something, on their thread."""
        ...

    async def act(self, call: Callable[[Room], T]) -> T:
        """Have the room change something."""
        ...


class _Known(msgspec.Struct, frozen=True):
    case: Case | None
    asked_s: float


class FieldRoom:
    """Implements ``Field``.

    Args:
        hub: the running core.
        books: of the incidents.
        links: where links are kept.
        response: runs the incidents; its thread is the books'.
        responders: how long links last, by policy id.
        key: 32 bytes for this purpose alone.
        url: where the officers' page is reached, without a trailing slash.
    """

    def __init__(
        self,
        hub: Hub,
        books: SqlIncidents,
        links: SqlFieldLinks,
        response: Acting,
        responders: Mapping[str, Responders],
        key: bytes,
        url: str,
    ) -> None:
        self._hub = hub
        self._books = books
        self._links = links
        self._response = response
        self._responders = responders
        self._key = key
        self._url = url
        self._known: dict[str, _Known] = {}
        self._wake = asyncio.Event()
        self._strangers = Meter(1 / 12, 5)
        self._reports = Meter(1 / 60, 10)
        self.changed: Callable[[], None] = _nobody
        """Called when what a link shows may be something else."""

    # -- making ----------------------------------------------------------------------------------------------------

    def url_of(self, link: Link) -> str:
        """Return the address of a link. Nothing in it names anybody; what stands behind ``#`` goes to no server."""
        return f"{self._url}/#t={token_of(self._key, link.link_id)}"

    def url_named(self, link_id: str) -> str:
        """Return the address of a link by its name."""
        return f"{self._url}/#t={token_of(self._key, link_id)}"

    async def for_request(self, incident_id: str, agency: str) -> str | None:
        """Return the address that goes with a request to an agency: the same at each repetition, a new one once it was opened."""
        link = await self._response.ask(self._for_request, incident_id, agency)
        return None if link is None else self.url_of(link)

    def _for_request(self, incident_id: str, agency: str) -> Link | None:
        with self._books.reading() as page:
            incident = page.incident(incident_id)
        parts = (
            [] if incident is None else [task for task in incident.tasks if task.responder == agency and task.status is not TaskStatus.DONE]
        )
        if incident is None or not parts:
            return None
        where, now_ms = parts[0].where, self._hub.now_ms()
        free = [
            one
            for one in self._links.about(incident_id)
            if one.agency == agency and one.where is where and one.opened_ms is None and one.made_by == SYSTEM
        ]
        standing = [one for one in free if why_closed(one, incident, now_ms) is None]
        return standing[-1] if standing else self._made(incident, agency, where, None, SYSTEM, now_ms)

    async def give(self, incident_id: str, where: Where, officer: str | None, by: str, agency: str | None = None) -> Link:
        """Make a link for one officer, and write down that it was made.

        Raises:
            NotAllowedError: nobody was asked to go there, or the officer is no name.
        """
        named = None if officer is None else officer_named(officer)
        return await self._response.act(lambda room: self._give(room, incident_id, where, named, by, agency))

    def _give(self, room: Room, incident_id: str, where: Where, officer: str | None, by: str, agency: str | None) -> Link:
        now_ms = self._hub.now_ms()
        with self._books.reading() as page:
            incident = page.incident(incident_id)
        own = [] if incident is None else [task for task in incident.tasks if task.where is where and task.status is not TaskStatus.DONE]
        if incident is None or incident.status is Status.RESOLVED or not own or agency not in {None, own[-1].responder}:
            raise NotAllowedError("Nobody is on the way there: a link goes to somebody who was sent.")
        for earlier in self._links.about(incident_id):
            if officer is not None and earlier.officer == officer and earlier.where is where and earlier.ended_ms is None:
                # The same officer again, on another phone: the earlier link ends, and both stand in the history.
                self._end(room, earlier, by, now_ms)
        link = self._made(incident, own[-1].responder, where, officer, by, now_ms)
        room.mark(incident_id, "link_given", by, now_ms, link.subject)
        return link

    def _made(self, incident: Incident, agency: str, where: Where, officer: str | None, by: str, now_ms: int) -> Link:
        rules = self._responders[incident.party.policy_id].field
        link = Link(
            link_id=new_id(),
            incident_id=incident.incident_id,
            agency=agency,
            where=where,
            officer=officer,
            made_by=by,
            made_ms=now_ms,
            until_ms=now_ms + 1_000 * rules.open_within_s,
        )
        self._links.put(link)
        return link

    async def about(self, incident_id: str) -> list[Link]:
        """Return an incident's links."""
        return await self._response.ask(self._links.about, incident_id)

    async def take_back(self, incident_id: str, link_id: str, by: str) -> None:
        """End a link; whoever has it open sees nothing any more.

        Raises:
            NotAllowedError: the incident has no such link.
        """

        def ended(room: Room) -> None:
            link = self._links.link(link_id)
            if link is None or link.incident_id != incident_id:
                raise NotAllowedError("The incident has no such link.")
            if link.ended_ms is None:
                self._end(room, link, by, self._hub.now_ms())

        await self._response.act(ended)
        self._known.pop(link_id, None)
        self.changed()

    def _end(self, room: Room, link: Link, by: str, now_ms: int) -> None:
        self._links.put(msgspec.structs.replace(link, ended_ms=now_ms, ended_by=by))
        room.mark(link.incident_id, "link_taken_back", by, now_ms, link.subject)

    # -- opening ---------------------------------------------------------------------------------------------------

    async def open(self, token: str, officer: str | None, host: str | None) -> str:
        """Exchange a link for a session; return its token.

        Raises:
            RefusedError: it opens nothing, was opened already, or the officer must name himself.
        """
        loop = asyncio.get_running_loop()
        over_s = loop.time() + FAILURE_S
        link_id = link_id_of(self._key, token)
        if link_id is None or not self._strangers.allow(source_of(host), self._hub.now_ms()):
            self._alarm("forged_link" if link_id is None else "link_too_often")
            await asyncio.sleep(over_s - loop.time())
            raise RefusedError(403, "link_unknown")
        found, why = await self._asked(link_id, officer)
        if found is None:
            raise RefusedError(409 if why == "officer_needed" else 403, why)
        self._strangers.charge(source_of(host), self._hub.now_ms(), -1)
        await self.stands(link_id)
        return found

    async def _asked(self, link_id: str, officer: str | None) -> tuple[str | None, str]:
        try:
            found = await self._response.act(lambda room: self._exchanged(room, link_id, officer))
        except NotAllowedError as error:
            raise RefusedError(409, "officer_needed", str(error)) from None
        if found[1] == "link_used":
            self._alarm("link_used")
        return found

    def _exchanged(self, room: Room, link_id: str, officer: str | None) -> tuple[str | None, str]:
        """On the thread of the books: return a session's token, or None and why there is none."""
        now_ms = self._hub.now_ms()
        link = self._links.link(link_id)
        if link is None:
            return None, "link_unknown"
        with self._books.reading() as page:
            incident = page.incident(link.incident_id)
        why = why_closed(link, incident, now_ms)
        if why is not None or incident is None:
            return None, f"link_{why}"
        if link.opened_ms is not None:
            # A second phone. Whoever holds it learns nothing; that it was tried stands in the history, for the operator to judge.
            room.mark(link.incident_id, "link_refused", link.subject, now_ms)
            return None, "link_used"
        name = link.officer if link.officer is not None else officer
        if name is None:
            return None, "officer_needed"
        rules = self._responders[incident.party.policy_id].field
        opened = msgspec.structs.replace(link, officer=officer_named(name), opened_ms=now_ms, until_ms=now_ms + 1_000 * rules.lasts_s)
        token = self._links.exchange(opened)
        if token is None:
            return None, "link_used"
        room.mark(link.incident_id, "link_opened", opened.subject, now_ms)
        return token, ""

    def _alarm(self, kind: str) -> None:
        if self._reports.allow(kind, self._hub.now_ms()):
            self._hub.security(kind, None, "field")

    # -- showing ---------------------------------------------------------------------------------------------------

    def case(self, link_id: str) -> Case | None:
        """Return what a link shows now, from memory."""
        known = self._known.get(link_id)
        return None if known is None else known.case

    async def stands(self, link_id: str) -> bool:
        """Return whether a link shows anything; the books are asked unless they were a moment ago."""
        known = self._known.get(link_id)
        if known is None or asyncio.get_running_loop().time() - known.asked_s > BELIEVED_S:
            await self._look([link_id])
        return self.case(link_id) is not None

    async def report(self, link_id: str, status: TaskStatus, outcome: Outcome | None, note: str | None) -> None:
        """Say how far the officer came.

        Raises:
            RefusedError: the step does not follow from the one before.
        """
        case = self.case(link_id)
        if case is None:
            raise RefusedError(401, "session_needed")
        if (status is TaskStatus.DONE) != (outcome is not None) or outcome is Outcome.SETTLED:
            raise RefusedError(400, "unreadable", 'Give an outcome with "done", and with nothing else.')
        link, said = case.link, None if outcome is None else Said(outcome, note)
        now_ms = self._hub.now_ms()
        try:
            await self._response.act(
                lambda room: room.answer(link.incident_id, link.where, status, link.agency, now_ms, by=link.subject, said=said)
            )
        except NotAllowedError as error:
            raise RefusedError(409, "refused", str(error)) from None
        await self._look([link_id])
        self.changed()

    def touched(self) -> None:
        """Take note that incidents may have changed."""
        self._wake.set()

    async def work(self) -> None:
        """Look after the links in use, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_S)
            self._wake.clear()
            if self._known:
                await self._look(list(self._known))
            await asyncio.sleep(REST_S)

    async def _look(self, link_ids: list[str]) -> None:
        """Ask the books what links show now. While they cannot be read nothing that was known a while ago is shown."""
        now_s = asyncio.get_running_loop().time()
        before = {link_id: self.case(link_id) for link_id in link_ids}
        try:
            found: dict[str, Case | None] = await self._response.ask(self._cases, link_ids)
        except sa.exc.DBAPIError as error:
            log.warning("officers' links cannot be looked at now", kind=type(error).__name__)
            return self._forget_old(now_s)
        for link_id, case in found.items():
            if case is None and before[link_id] is None:
                self._known.pop(link_id, None)
            else:
                self._known[link_id] = _Known(case, now_s)
        if any(found[link_id] != case for link_id, case in before.items()):
            self.changed()
        return None

    def _cases(self, link_ids: list[str]) -> dict[str, Case | None]:
        now_ms = self._hub.now_ms()
        links = {link_id: self._links.link(link_id) for link_id in link_ids}
        with self._books.reading() as page:
            incidents = {link_id: None if link is None else page.incident(link.incident_id) for link_id, link in links.items()}
        return {link_id: _case(link, incidents[link_id], now_ms) for link_id, link in links.items()}

    def _forget_old(self, now_s: float) -> None:
        old = [link_id for link_id, known in self._known.items() if now_s - known.asked_s > 5 * LOOK_S]
        for link_id in old:
            del self._known[link_id]
        if old:
            self.changed()


def _case(link: Link | None, incident: Incident | None, now_ms: int) -> Case | None:
    if link is None or incident is None or link.opened_ms is None or why_closed(link, incident, now_ms) is not None:
        return None
    return Case(link, incident)


def _nobody() -> None:
    """No screen is open."""
