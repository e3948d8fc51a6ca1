"""One whole server in one process: recover, listen, serve each audience on its own port, stop cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import structlog
import uvicorn

from jikimi.apps.answers import AnswerDoor
from jikimi.apps.court import court_app
from jikimi.apps.desk import desk_app
from jikimi.apps.device import DeviceApp, Limits
from jikimi.apps.docket import DocketError
from jikimi.apps.field import field_app
from jikimi.apps.helper import helper_app
from jikimi.apps.her_lock import NEUTRAL, HerDoor
from jikimi.apps.oversight import oversight_app
from jikimi.apps.protected import protected_app
from jikimi.apps.receipts import ReceiptDoor
from jikimi.apps.signing import Entrance
from jikimi.apps.stream import Streams
from jikimi.apps.web import WebApp
from jikimi.apps.whence import WhenceApp
from jikimi.basemap.serve import PmtilesApp
from jikimi.delivery.words import read_book
from jikimi.identity.passkeys import site_of
from jikimi.identity.roles import Right
from jikimi.model.durations import Durations
from jikimi.model.policy import Policy
from jikimi.policy.resolve import track_rules
from jikimi.runtime import logs, recovery, sso
from jikimi.runtime import policies as installed
from jikimi.runtime.attendance import Attendance, FieldSite
from jikimi.runtime.clock import Clock
from jikimi.runtime.courts import FilingRoom, doors_of, seals_of
from jikimi.runtime.directory import MemoryDirectory
from jikimi.runtime.docket import dockets_of
from jikimi.runtime.doorway import DoorProtocol
from jikimi.runtime.followers import Checkpoints, RegisterFollower
from jikimi.runtime.helping import HelpingRoom
from jikimi.runtime.hub import Hub
from jikimi.runtime.keeping import Keeping
from jikimi.runtime.listening import ListenError, PatientProtocol, listen
from jikimi.runtime.office import Office
from jikimi.runtime.overseeing import Overseeing
from jikimi.runtime.papers import PaperRoom
from jikimi.runtime.retold import told_again
from jikimi.runtime.roles import ring_alarms
from jikimi.runtime.second import Hands, SecondRoom
from jikimi.runtime.settings import Settings
from jikimi.runtime.staffing import StaffRoom
from jikimi.runtime.stores import Stores
from jikimi.runtime.telling import Telling
from jikimi.runtime.terms import TermsRoom
from jikimi.storage.acceptances import SqlAcceptances
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.docket import SqlDocket
from jikimi.storage.guests import SqlGuests
from jikimi.storage.identity import SqlStaff
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.lines import SqlLines
from jikimi.storage.outbox import SqlShelf
from jikimi.storage.outcomes import SqlOutcomes
from jikimi.storage.papers import SqlPapers
from jikimi.storage.retention import SqlRetention
from jikimi.storage.second import SqlSecond
from jikimi.storage.signing import SqlSigning

log = structlog.get_logger()

BACKLOG: Final = 4096
STOP_S: Final = 2.0
AGAIN_S: Final = 0.5
SWITCH_S: Final = 0.02
"""So long a thread may keep the interpreter while another waits for it. Books are kept on threads that let go of it at each call into the
database, and ask for it back after each; at Python's 5 ms they took it from the event loop so often that a fix waited 25 ms for its screen
while a thousand incidents were opened, at 20 ms it waited 1 ms (`python -m bench door`)."""
YOUNG_OBJECTS: Final = 10_000
"""So many new objects before the collector looks for cycles among them. A request's objects are many and soon gone by themselves; at
Python's 700 the collector walked again and again over those of requests that still waited for the disk."""


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Load without looking for cycles: what is loaded stays, and the collector would walk over all of it again and again as it grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Server:
    """A running server. ``async with Server(...)`` recovers and listens; leaving it stops and writes the state down.

    Args:
        settings: where it keeps its things and listens.
        policies: the policy under each id.
        limits: what one device may ask; None for the usual.
        config: the settings file, for the process that writes checkpoints.
        durations: the table of durations under each policy id; None for those that are installed.
    """

    def __init__(
        self,
        settings: Settings,
        policies: Mapping[str, Policy],
        *,
        limits: Limits | None = None,
        config: Path | None = None,
        durations: Mapping[str, Durations] | None = None,
    ) -> None:
        self.settings = settings
        self.policies = policies
        self.stores = Stores(settings)
        self.register = self.stores.register()
        self._journal = self.stores.journal()
        self.directory = MemoryDirectory()
        self._rules = track_rules(next(iter(policies.values())))
        began = time.perf_counter()
        with uncollected():
            found = recovery.recover(self._journal, self._rules)
        clock = Clock()
        clock.not_before(found.at_ms)
        self._mind = found.mind
        self._number = found.number
        self._ledger = self.stores.ledger()
        self.hub = Hub(found.mind, self._journal, self._ledger, clock, policies)
        self._devices = DeviceApp(self.directory, self.hub, self.hub.now_ms, late_s=self.hub.late_s, limits=limits)
        self._follower = RegisterFollower(self.hub, self.register, self.directory, policies)
        self._tables = installed.installed(settings)
        installed.check_complete(policies, self._tables)
        self._durations = durations if durations is not None else self._tables.durations
        clerk = self.stores.clerk(self.register, self._durations)
        self.office = Office(clerk, self.hub.now_ms, self._follower.look_now)
        self.hub.located = self.office.located
        self._sso_client = sso.client()
        self._sso = None if settings.sso is None else sso.Vouching(settings.sso, self._sso_client)
        self.second = SecondRoom(SqlSecond(self.register.engine), Hands(self.register, clerk), self.office)
        self.staff = StaffRoom(SqlStaff(self.register.engine), self._ledger, SqlLines(self.register.engine))
        self._follower.changed = self._register_changed
        self.attendance = Attendance(
            self.hub,
            self._journal,
            self.register,
            self.stores.clerk(self.register, self._durations),
            policies,
            settings.delivery,
            self.stores.push_key(),
            lambda: self.office.number,
            lambda: self._follower.unwatched,
            FieldSite(self.stores.field_key(), settings.url("field")),
            installed.response_of(policies, self._tables.responders),
            lambda: self.staff.holders(Right.RECORD_PERMISSION),
        )
        self.keeping = Keeping(
            settings,
            self.hub,
            self._journal,
            self._ledger,
            SqlRetention(self.register.engine),
            SqlIncidents(self.register.engine),
            self._follower.follow_once,
            self._forget,
            self.attendance.recall,
        )
        self.overseeing = Overseeing(
            self.hub,
            self._ledger,
            self.stores,
            self.register,
            self.staff,
            policies,
            self._tables.retention,
            self.attendance.unpermitted.tell,
        )
        books = SqlPapers(self.register.engine)
        self.terms = TermsRoom(self.hub, SqlAcceptances(self.register.engine), installed.terms(settings))
        self.hub.accepting = self.terms.has_accepted
        self._her_door = HerDoor(SqlAppLocks(self.register.engine), site_of(settings.url("protected"), NEUTRAL), self.hub.now_ms)
        self.papers = PaperRoom(books, self._ledger, self.hub.now_ms)
        self.telling = Telling(
            settings.delivery.decisions,
            SqlShelf(self.register.engine),
            read_book(),
            policies,
            self.office,
            self.attendance.wake,
        )
        self.attendance.moved = self.telling.handled
        self.docket, here = dockets_of(
            settings,
            self._tables.forms,
            policies,
            self._durations,
            self.register.engine,
            self.office,
            self._policy_for,
            self._ledger,
            self.hub.now_ms,
            self.telling,
        )
        doors = doors_of(settings.courts, settings.delivery.mail, here)
        seals = seals_of(self.stores.ledger_reader)
        self.filing = FilingRoom(
            self._tables.forms, self._policy_of, doors, books, SqlDocket(self.register.engine), seals, self._ledger, self.hub.now_ms
        )
        self.helping = HelpingRoom(books, self.papers, self.filing, self._ledger, self.hub.now_ms, settings.url("helper"), self._number_of)
        self._checkpoints = Checkpoints(self.hub, settings.checkpoint_every, config, found.replayed)
        self._tasks: list[asyncio.Task[None]] = []
        self._streaming: list[WebApp] = []
        self._of_staff: list[WebApp] = []
        self._servers: list[tuple[uvicorn.Server, asyncio.Task[None]]] = []
        log.info("recovered", records=found.number, replayed=found.replayed, seconds=round(time.perf_counter() - began, 3))

    async def __aenter__(self) -> Self:
        """Take over what the register says, ring what fell due while nobody watched, and listen."""
        self.hub.set_track_rules(self._rules, first=self._number == 0)
        with uncollected():
            await self._follower.follow_once()
        self.hub.tick()
        await self.attendance.begin(self._number)
        # What was loaded stays: keep the collector from walking over millions of objects that never die. Of 100,000 orders loading leaves
        # thirty objects of rubbish; looking for them takes a fifth of a second.
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        sys.setswitchinterval(SWITCH_S)
        roles = (
            self._follower.follow(),
            self.office.work(),
            self.staff.work(),
            self.second.work(),
            self._checkpoints.write(),
            self.attendance.work(),
            self.keeping.work(),
            self.overseeing.work(),
            self.telling.work(),
        )
        for work in (ring_alarms(self.hub), *roles):
            self._tasks.append(asyncio.create_task(self._loudly(work)))
        apps = self._apps()
        self._of_staff = [apps["desk"], apps["oversight"], apps["court"]]
        self.staff.changed = self._staff_changed
        self._streaming = [app for app in apps.values() if isinstance(app, WebApp)]
        try:
            # The devices' door last: it answers /healthz, and whoever hears from there finds every door open.
            for audience, app in sorted(apps.items(), key=lambda one: one[0] == "device"):
                await self._listen(audience, app)
        except BaseException:
            # What runs already must end in order, or the process stays without serving anybody.
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, let what is under way end, and write the state down."""
        for app in self._streaming:
            app.close()
        for server, _task in self._servers:
            server.should_exit = True
        await asyncio.gather(*(task for _, task in self._servers), return_exceptions=True)
        await ended(self._tasks)
        await self.attendance.close()
        self.overseeing.close()
        await self._sso_client.aclose()
        await self.filing.close()
        await self.save()
        await asyncio.to_thread(self._ledger.close)
        await asyncio.to_thread(self._journal.close)

    async def save(self) -> None:
        """Write the state down, so that the next start has nothing to replay."""
        number = await self.hub.durable()
        if number is not None:
            await self._journal.save_checkpoint(number, recovery.dump(self._mind))

    async def _forget(self, person_ids: Sequence[str]) -> None:
        """Let oversight forget persons whose time is over; it is built after what asks it to."""
        await self.overseeing.forget(person_ids)

    def _register_changed(self) -> None:
        """Any process changed the register: orders, or accounts and what they sign in with."""
        self.office.look_now()
        self.staff.look_now()
        self._her_door.doubt()
        self._staff_changed()

    def _staff_changed(self) -> None:
        """Close the screens of whoever may not look any more."""
        for app in self._of_staff:
            app.recheck()

    def _apps(self) -> dict[str, Any]:
        settings, hub, register = self.settings, self.hub, self.register
        tiles = PmtilesApp(self.stores.basemap)
        taking = set(settings.delivery.decisions.values())
        authorities = {name: key for name, key in settings.delivery.agencies().items() if name in taking}
        receipts = ReceiptDoor(settings.delivery.bridges(), self.attendance.receive, hub.now_ms, hub.security, self._devices, authorities)
        return {
            "device": AnswerDoor(
                settings.delivery.agencies(), self.attendance.response, self.attendance.field, hub.now_ms, hub.security, receipts
            ),
            "protected": protected_app(
                hub,
                register,
                self.office,
                tiles=tiles,
                device_url=settings.url("device"),
                session_days=settings.session_days,
                tls=settings.tls,
                demonstration=settings.demonstration,
                devices_changed=self._follower.look_now,
                push=self.attendance.push,
                screens=self.attendance.screens,
                drills=self.attendance.drills,
                opened=self._hers_opened,
                looks=self.overseeing,
                papers=self.papers,
                filing=self.filing,
                inviter=self.helping,
                seen=self.attendance.response.call_seen_ms,
                phones=SqlGuests(register.engine),
                accepting=self.terms,
                door=self._her_door,
            ),
            "desk": desk_app(
                hub,
                register,
                self.office,
                self.staff,
                durations=self._durations,
                agencies=self._tables.agencies,
                responders=self._tables.responders,
                policies=self.policies,
                tiles=tiles,
                session_days=settings.session_days,
                tls=settings.tls,
                demonstration=settings.demonstration,
                response=self.attendance.response,
                retell=partial(told_again, settings),
                screens=self.attendance.screens,
                field=self.attendance.field,
                copies=self.overseeing.copies_room,
                speaking=self.attendance.speaker,
                receipts=self.attendance.receipts,
                drills=self.attendance.drills,
                speak=self.attendance.speak,
                findings=SqlOutcomes(self.register.engine, self.policies),
                entrance=self._entrance("desk"),
                second=self.second,
                guests=SqlGuests(self.register.engine),
                her_locks=SqlAppLocks(self.register.engine),
            ),
            "field": field_app(
                hub,
                register,
                self.attendance.field,
                tiles=tiles,
                tls=settings.tls,
                demonstration=settings.demonstration,
                opened=self._field_opened,
            ),
            "helper": helper_app(hub, register, self.helping, tls=settings.tls, demonstration=settings.demonstration),
            "oversight": oversight_app(
                hub,
                register,
                self.overseeing,
                self.staff,
                tls=settings.tls,
                demonstration=settings.demonstration,
                entrance=self._entrance("oversight"),
                second=self.second,
            ),
            "court": court_app(
                hub,
                register,
                self.staff,
                named=installed.court_names(self._tables.forms),
                docket=self.docket,
                tls=settings.tls,
                demonstration=settings.demonstration,
                entrance=self._entrance("court"),
            ),
        }

    def _policy_of(self, person_id: str) -> str:
        """Return whose form she fills in: that of her orders, or the server's first where none protects her yet."""
        own = (order.policy_id for order in self.hub.orders_protecting(person_id))
        return next(own, next(iter(self.policies)))

    def _policy_for(self, person_id: str | None, policy_id: str) -> str:
        """Return under which policy an order of a court stands: hers, where it is of the form's jurisdiction, or the form's own."""
        hers = None if person_id is None else self._policy_of(person_id)
        if hers is not None and hers.partition("-")[0] == policy_id:
            return hers
        found = next((name for name in self.policies if name.partition("-")[0] == policy_id), None)
        if found is None:
            raise DocketError("This server has no policy of the form's jurisdiction.")
        return found

    def _entrance(self, audience: str) -> Entrance:
        """Return how an app of staff is entered."""
        settings = self.settings
        return Entrance(
            signing=SqlSigning(self.register.engine),
            site=site_of(settings.url(audience), "Jikimi"),
            sso=self._sso,
            are_codes_enough=settings.staff_codes,
            lock_after_s=settings.lock_after_s,
        )

    def _number_of(self, person_id: str) -> str:
        return self.policies[self._policy_of(person_id)].emergency_number

    def _hers_opened(self, streams: Streams) -> None:
        self.attendance.drills.changed = streams.stir

    def _field_opened(self, streams: Streams) -> None:
        self.attendance.field.changed = streams.stir

    async def _listen(self, audience: str, app: Any) -> None:
        """Serve one audience on its port; no access log, since addresses and queries may name somebody."""
        config = uvicorn.Config(
            WhenceApp(app, self.settings.networks()),
            host=self.settings.host,
            port=getattr(self.settings, f"{audience}_port"),
            log_config=None,
            access_log=False,
            # Who asks matters where codes are guessed; devices prove themselves, and theirs is the busiest port.
            proxy_headers=audience != "device",
            server_header=False,
            date_header=False,
            lifespan="off",
            # The library calls it as it would call a class.
            http=partial(DoorProtocol, self._devices) if audience == "device" else PatientProtocol,  # type: ignore[arg-type]
            backlog=BACKLOG,
            timeout_graceful_shutdown=int(STOP_S),
        )
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(listen(server))
        while not server.started:
            if task.done():
                raise ListenError(audience, config.port)
            await asyncio.sleep(0.01)
        self._servers.append((server, task))
        log.info("listening", audience=audience, port=config.port)

    async def _loudly(self, work: Coroutine[Any, Any, None]) -> None:
        """Run background work; if it ends by a fault of ours, the whole server ends, to be started anew and recover."""
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.critical("background work failed; the server stops", exc_info=error)
            signal.raise_signal(signal.SIGTERM)


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End tasks, however often they must be told: who waits for something that happens in that moment may miss the first word."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_S)


async def run(
    settings: Settings,
    policies: Mapping[str, Policy],
    *,
    config: Path | None = None,
    durations: Mapping[str, Durations] | None = None,
    beside: Callable[[Server], Coroutine[Any, Any, None]] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; ``beside`` runs along (the demonstration)."""
    logs.configure(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with Server(settings, policies, config=config, durations=durations) as server:
            along = asyncio.create_task(beside(server)) if beside is not None else None
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({stopped, along} - {None}, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
            for task in (along, stopped):
                if task is not None and not task.done():
                    task.cancel()
            if along is not None:
                await asyncio.gather(along, return_exceptions=not along.done() or along.cancelled())
    except ListenError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
