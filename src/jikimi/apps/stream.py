"""Server-sent events, lean: one coroutine and a few small objects a screen, no queue, no copy of what nobody reads.

A screen is told the whole truth each time, so a slow one may skip: while its line is blocked, changes only set a mark, and when
it can take more it gets the newest state. Changes go out at once until there were some in a row, then at the screen's pace (the
generic cell rate algorithm, ITU-T I.371): two persons who report once a second never wait. A change of tier never does. One
wheel turns for all screens and gives each its heartbeat, spread evenly over three seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol

import msgspec

from jikimi.apps.asgi import Receive, Scope, Send, header, reply_error
from jikimi.apps.ports import Change, Watch
from jikimi.apps.session import Sessions, Signed, with_opening

BEAT_S: Final = 3.0
SLOTS: Final = 30
STATE_S: Final = 9.0 - BEAT_S / 2
"""A state this old is sent anew with the next beat, so that none is older than ten seconds."""
RECHECK_TURNS: Final = 2
"""Every so many beats the register is asked whether the session still stands."""
STUCK_S: Final = 30.0
"""A line that takes nothing for so long is dead: it is closed, and the screen connects anew."""
MOST_EVENTS: Final = 100
"""Changes kept for a blocked line. If there are more, the oldest go: the state that follows tells their outcome."""
MOST_LINES: Final = 10
"""Lines of one session. One more closes the oldest: a phone that lost its network left dead ones behind."""

_OPEN: Final = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
ENDED: Final = "session_ended"
NO_SEAT: Final = "no_seat"
REPLACED: Final = "phone_replaced"
May = Callable[[Signed], Awaitable[bool]]
Lost = Callable[[str], Awaitable[bool]]
_encode = msgspec.json.Encoder().encode


class Beat(msgspec.Struct, frozen=True):
    """A heartbeat."""

    at_ms: int


class End(msgspec.Struct, frozen=True):
    """The last word of a stream."""

    reason: str


class Teller(Protocol):
    """What one screen is told."""

    @property
    def interval_s(self) -> float:
        """Time between two states, on average."""

    @property
    def in_a_row(self) -> int:
        """How many states may go out ahead of that pace."""

    @property
    def event_name(self) -> str:
        """Under which name the state goes out."""

    @property
    def at_once(self) -> bool:
        """Whether a change of tier brings a new state at once, or only its own event."""

    def pair_ids(self) -> tuple[str, ...] | None:
        """Return the pairs whose changes concern this screen now; None: all."""

    def event(self, change: Change) -> tuple[str, bytes] | None:
        """Return the name and data of the event for a transition or an SOS; None when this screen is not told."""

    async def state(self) -> bytes:
        """Return the whole truth."""

    def again_ms(self) -> int | None:
        """Return when time alone makes the last state wrong; None when it does not."""

    def over(self) -> str | None:
        """Return why there is nothing to tell any more; None while there is."""

    def left(self) -> None:
        """Take note that the screen has gone."""


def event(name: str, data: bytes, number: int | None = None) -> bytes:
    """Return one event as it goes over the wire (HTML Standard, section 9.2.5)."""
    first = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (first, name.encode(), data)


class Line:
    """One open stream."""

    __slots__ = (
        "_again_s", "_beat", "_changes", "_dirty", "_extra", "_gone", "_ids", "_loop", "_next_s", "_number", "_reason", "_sending_s",
        "_sent_s", "_stop", "_stuck", "_task", "_teller", "_urgent", "_waiter", "_watch", "token",
    )  # fmt: skip

    def __init__(self, watch: Watch, teller: Teller, token: str) -> None:
        self._watch = watch
        self._teller = teller
        self.token = token
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._waiter: asyncio.Future[None] | None = None
        self._changes: list[Change] = []
        self._extra: list[bytes] = []
        self._number = watch.number()
        self._dirty = self._urgent = True
        self._beat = self._gone = self._stuck = False
        self._reason: str | None = None
        self._next_s = self._sent_s = 0.0
        self._again_s: float | None = None
        self._sending_s: float | None = None
        self._ids = teller.pair_ids()
        self._stop = watch.subscribe(self._ids, self._wake)

    # -- what makes it speak -------------------------------------------------------------------------------------

    def _wake(self, change: Change) -> None:
        """Take note of a change; called while a fix is judged, so it does next to nothing."""
        self._number = change.number
        if change.transition is not None or change.sos is not None or change.security is not None:
            self._keep(change)
            self._urgent = self._urgent or self._teller.at_once
        self._dirty = True
        self._poke()

    def _keep(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > MOST_EVENTS:
            del self._changes[0]

    def say(self, name: str, data: bytes) -> bool:
        """Tell something that is no change of a pair; return whether the line may still take it."""
        if self._gone or self._stuck or self._sending_s is not None or len(self._extra) >= MOST_EVENTS:
            return False
        self._extra.append(event(name, data))
        self._poke()
        return True

    def stir(self) -> None:
        """Take note that what the state tells may be something else, though no pair changed."""
        self._reason = self._reason or self._teller.over()
        self._dirty = True
        self._poke()

    def beat(self) -> None:
        """Take note that a heartbeat is due, and look after what time alone changes."""
        now_s = self._loop.time()
        if self._sending_s is not None and now_s - self._sending_s > STUCK_S:
            self._give_up()
            return
        self._reason = self._reason or self._teller.over()
        self._follow()
        self._beat = True
        if now_s - self._sent_s >= STATE_S:
            self._dirty = True
        self._poke()

    def _follow(self) -> None:
        """Subscribe anew when orders began or ended."""
        ids = self._teller.pair_ids()
        if ids != self._ids:
            self._stop()
            self._ids = ids
            self._stop = self._watch.subscribe(ids, self._wake)
            self._dirty = True

    def finish(self, reason: str) -> None:
        """End the stream with a word why."""
        self._reason = reason
        self._poke()

    def hang_up(self) -> None:
        """End the stream without a word."""
        self._gone = True
        self._poke()

    def _give_up(self) -> None:
        if self._task is not None and not self._stuck:
            self._stuck = True
            self._task.cancel()

    def _poke(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # -- speaking ------------------------------------------------------------------------------------------------

    async def run(self, send: Send, last: int | None) -> None:
        """Speak until the screen has gone or there is nothing to tell any more."""
        try:
            self._catch_up(last)
            self._reason = self._reason or self._teller.over()
            while not self._gone and self._reason is None:
                if not await self._speak(send):
                    waiter, timer = self._lie_down()
                    try:
                        await waiter
                    finally:
                        self._get_up(timer)
            await self._send(send, b"" if self._reason is None else event("end", _encode(End(self._reason))), more=False)
        except asyncio.CancelledError:
            if not self._stuck:
                raise
        finally:
            self._stop()
            self._teller.left()

    def _catch_up(self, last: int | None) -> None:
        """Queue what a returning screen missed."""
        missed = None if last is None else self._watch.changes_after(last, self._ids)
        for change in (missed or ())[-MOST_EVENTS:]:
            self._keep(change)

    async def _speak(self, send: Send) -> bool:
        """Say what is due; return False when nothing was."""
        if self._changes:
            await self._send(send, self._take_changes())
            return True
        if self._extra:
            extra, self._extra = self._extra, []
            await self._send(send, b"".join(extra))
            return True
        now_s = self._loop.time()
        if self._dirty and (self._urgent or now_s >= self._next_s):
            await self._send(send, await self._state(now_s))
        elif self._again_s is not None and now_s >= self._again_s:
            self._again_s = None
            self._dirty = self._urgent = True
        elif self._beat:
            self._beat = False
            await self._send(send, event("beat", _encode(Beat(self._watch.now_ms()))))
        else:
            return False
        return True

    def _take_changes(self) -> bytes:
        changes, self._changes = self._changes, []
        told = [(change.number, self._teller.event(change)) for change in changes]
        return b"".join(event(*found, number) for number, found in told if found is not None)

    async def _state(self, now_s: float) -> bytes:
        self._dirty = self._urgent = False
        interval_s = self._teller.interval_s
        self._next_s = max(self._next_s, now_s - self._teller.in_a_row * interval_s) + interval_s
        self._sent_s = now_s
        number = self._number
        data = await self._teller.state()
        again_ms = self._teller.again_ms()
        self._again_s = None if again_ms is None else now_s + max(0.05, (again_ms - self._watch.now_ms()) / 1000.0)
        return event(self._teller.event_name, data, number)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        if body or not more:
            self._sending_s = self._loop.time()
            await send({"type": "http.response.body", "body": body, "more_body": more})
            self._sending_s = None

    # Resting is no coroutine of its own: nine thousand screens rest at any time, and each frame is memory.

    def _lie_down(self) -> tuple[asyncio.Future[None], asyncio.TimerHandle | None]:
        """Get ready to wait for whatever is due next. Nothing can have happened since ``_speak`` found nothing to say."""
        waiter = self._waiter = self._loop.create_future()
        dues = [due for due in (self._next_s if self._dirty else None, self._again_s) if due is not None]
        return waiter, self._loop.call_at(min(dues), self._poke) if dues else None

    def _get_up(self, timer: asyncio.TimerHandle | None) -> None:
        self._waiter = None
        if timer is not None:
            timer.cancel()


class Wheel:
    """Turns while there are lines, and gives each of them its heartbeat."""

    def __init__(self, ended: Callable[[Iterable[str]], object]) -> None:
        self._slots: list[dict[Line, None]] = [{} for _ in range(SLOTS)]
        self._of: dict[Line, int] = {}
        self._next = 0
        self._turn = 0
        self._ended = ended
        self._task: asyncio.Task[None] | None = None

    def add(self, line: Line) -> None:
        """Give a line heartbeats from now on."""
        slot = self._next = (self._next + 1) % SLOTS
        self._slots[slot][line] = None
        self._of[line] = slot
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._turning())

    def remove(self, line: Line) -> None:
        """Give it none any more."""
        self._slots[self._of.pop(line)].pop(line)

    async def _turning(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while self._of:
            due_s = max(due_s + BEAT_S / SLOTS, loop.time() - BEAT_S)
            await asyncio.sleep(due_s - loop.time())
            self._turn += 1
            lines = tuple(self._slots[self._turn % SLOTS])
            for line in lines:
                line.beat()
            if lines and self._turn // SLOTS % RECHECK_TURNS == 0:
                self._ended({line.token for line in lines})


class Streams:
    """The stream of one app: a raw ASGI callable.

    Args:
        watch: the running core.
        sessions: who may listen.
        teller: makes what one screen is told.
        headers: what every answer carries.
        may: tells whether somebody who is signed in may listen; None where the session alone decides.
        lost: tells, of somebody whose session ended, whether he has no place any more; None where everybody has.
        replaced: tells, of a session that ended, whether another one took its place; None where none ever does.
    """

    def __init__(
        self,
        watch: Watch,
        sessions: Sessions,
        teller: Callable[[Signed], Teller],
        headers: list[tuple[bytes, bytes]],
        may: May | None = None,
        lost: Lost | None = None,
        replaced: Lost | None = None,
    ) -> None:
        self._replaced = replaced
        self._watch = watch
        self._sessions = sessions
        self._teller = teller
        self._headers = [*_OPEN, *headers]
        self._may = may
        self._lost = lost
        self._wheel = Wheel(self._recheck)
        self._lines: dict[str, dict[Line, None]] = {}
        self._subjects: dict[str, dict[Line, None]] = {}
        self._asking: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream."""
        signed = await self._sessions.find(self._sessions.token(scope))
        if signed is None:
            await reply_error(send, 401, "session_needed", [(b"cache-control", b"no-store"), *self._headers[len(_OPEN) :]])
            return
        if self._may is not None and not await self._may(signed):
            await reply_error(send, 403, "no_right", [(b"cache-control", b"no-store"), *self._headers[len(_OPEN) :]])
            return
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True})
        line = Line(self._watch, self._teller(with_opening(signed, scope)), signed.token)
        self._add(line)
        self._subjects.setdefault(signed.subject, {})[line] = None
        gone = asyncio.ensure_future(_gone(receive, line))
        try:
            await line.run(send, _last_event(scope))
        finally:
            self._remove(line)
            self._leave(signed.subject, line)
            gone.cancel()

    def end(self, token: str, reason: str = ENDED) -> None:
        """End the streams of a session, with a word why."""
        for line in tuple(self._lines.get(token, ())):
            line.finish(reason)

    async def _why(self, token: str) -> str:
        """Return why a session is no more: whoever has no place any more must not be asked for another code."""
        if self._replaced is not None and await self._replaced(token):
            return REPLACED
        subject = next((who for who, lines in self._subjects.items() if not lines.keys().isdisjoint(self._lines.get(token, {}))), None)
        return NO_SEAT if self._lost is not None and subject is not None and await self._lost(subject) else ENDED

    def say(self, subject: str | None, name: str, data: bytes) -> bool:
        """Tell every open screen of somebody (None: of everybody); return whether one of them may take it."""
        found = list(self._subjects.values()) if subject is None else [self._subjects.get(subject, {})]
        told = [line.say(name, data) for lines in found for line in tuple(lines)]
        return any(told)

    def stir(self, subject: str | None = None) -> None:
        """Have every screen (of somebody) told its state anew, at its pace."""
        found = list(self._subjects.values()) if subject is None else [self._subjects.get(subject, {})]
        for lines in found:
            for line in tuple(lines):
                line.stir()

    def stir_session(self, token: str) -> None:
        """Have the screens of one session told their state anew."""
        for line in tuple(self._lines.get(token, ())):
            line.stir()

    def recheck(self) -> None:
        """Ask at once whether the sessions of all open streams still stand: somebody's rights changed."""
        if self._lines:
            self._recheck(tuple(self._lines))

    def _leave(self, subject: str, line: Line) -> None:
        own = self._subjects[subject]
        del own[line]
        if not own:
            del self._subjects[subject]

    def close(self) -> None:
        """End every stream without a word: the server stops, and the screens will look for it again."""
        for own in tuple(self._lines.values()):
            for line in tuple(own):
                line.hang_up()

    def _add(self, line: Line) -> None:
        own = self._lines.setdefault(line.token, {})
        if len(own) >= MOST_LINES:
            oldest = next(iter(own))
            del own[oldest]
            oldest.hang_up()
        own[line] = None
        self._wheel.add(line)

    def _remove(self, line: Line) -> None:
        self._wheel.remove(line)
        own = self._lines.get(line.token, {})
        own.pop(line, None)
        if not own:
            self._lines.pop(line.token, None)

    def _recheck(self, tokens: Iterable[str]) -> None:
        task = asyncio.get_running_loop().create_task(self._ask(tuple(tokens)))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, tokens: tuple[str, ...]) -> None:
        """End the streams of sessions that are no more. While the register is out of reach they go on: she must be warned."""
        try:
            ended = await self._sessions.ended(tokens)
        except Exception:  # noqa: BLE001 - whatever the register's fault is, the next turn asks again
            return
        for token in ended:
            self.end(token, await self._why(token))
        if self._may is not None:
            for token in set(tokens).difference(ended):
                signed = await self._sessions.find(token)
                if signed is not None and not await self._may(signed):
                    self.end(token)


async def _gone(receive: Receive, line: Line) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    line.hang_up()


def _last_event(scope: Scope) -> int | None:
    """Return the number of the last event a returning screen heard, or None."""
    text = header(scope, b"last-event-id")
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) <= 18 else None
