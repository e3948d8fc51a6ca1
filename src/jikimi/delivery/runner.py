"""The outbox's runner: takes what is due, writes down what it will do, does it, and writes down what came of it."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar, TypeVarTuple

import msgspec

from jikimi.delivery.lane import Lane, Parcel
from jikimi.delivery.message import Answer, Receipt, Verdict, recipient_of
from jikimi.delivery.passage import Passage, advance, answered, is_open, message_of, received, replaced, resumed
from jikimi.delivery.ports import Channel, Shelf, ShelfFailedError
from jikimi.delivery.rules import DeliveryRules

_AGAIN_S: Final = 0.25
"""How soon a shelf that failed is asked again."""


class _Answered(NamedTuple):
    key: str
    number: int
    answer: Answer


Found = TypeVar("Found")
Given = TypeVarTuple("Given")
Changed = Callable[[Passage], None]


class Runner:
    """Owns the open passages of one outbox. One runner a shelf.

    Args:
        shelf: where passages are kept; called in a thread of its own.
        channels: those that the operator set up, one of each name.
        rules: the numbers.
        now_ms: the clock.
        changed: told each passage as it is kept anew, so that the incident's history can show it.
    """

    def __init__(
        self, shelf: Shelf, channels: Iterable[Channel], rules: DeliveryRules, now_ms: Callable[[], int], changed: Changed | None = None
    ) -> None:
        self._shelf = shelf
        self._rules = rules
        self._now_ms = now_ms
        self._changed = changed
        self._lanes = {channel.name: Lane(channel, rules, now_ms, self._is_wanted, self._tell) for channel in channels}
        self._idempotent = frozenset(name for name, lane in self._lanes.items() if lane.channel.is_idempotent)
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._wake = asyncio.Event()
        self._fresh = True
        self._last = 0
        self._inputs: list[_Answered | Receipt] = []
        self._open: dict[str, Passage] = {}
        self._topics: dict[str, str] = {}
        self._references: dict[tuple[str, str], str] = {}
        self._clock: list[tuple[int, str]] = []
        self._dirty: dict[str, Passage] = {}
        self._actions: list[Parcel] = []

    def wake(self) -> None:
        """New notices have been committed to the shelf."""
        self._fresh = True
        self._wake.set()

    def receive(self, receipt: Receipt) -> None:
        """Word of a message, from its device or its provider. Returns at once."""
        self._inputs.append(receipt)
        self._wake.set()

    def troubled(self) -> list[str]:
        """Return the channels whose breaker is open, for the desk."""
        return [name for name, lane in self._lanes.items() if not lane.breaker.is_closed]

    async def run(self) -> None:
        """Work until cancelled."""
        await self.open()
        try:
            while True:
                await self._rest(await self.tick())
        finally:
            await self.close()

    async def open(self) -> None:
        """Start the lanes and take up what an earlier process left."""
        for lane in self._lanes.values():
            lane.start()

    async def close(self) -> None:
        """Leave; everything open stays on the shelf."""
        await asyncio.gather(*(lane.close() for lane in self._lanes.values()))
        self._thread.shutdown()

    async def tick(self) -> float | None:
        """Do everything that is due now. Return the seconds until time alone asks for more, or None."""
        self._wake.clear()
        try:
            await self._take_fresh()
            await self._take_inputs()
            self._ring()
            await self._keep()
        except ShelfFailedError:
            return _AGAIN_S
        if self._inputs:
            return 0.0
        return None if not self._clock else max(0.0, (self._clock[0][0] - self._now_ms()) / 1000)

    async def _rest(self, wait_s: float | None) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _take_fresh(self) -> None:
        if not self._fresh:
            return
        self._fresh = False
        try:
            found = await self._call(self._shelf.fresh, self._last)
        except ShelfFailedError:
            self._fresh = True
            raise
        for number, passage in found:
            self._last = number
            self._welcome(passage)

    def _welcome(self, passage: Passage) -> None:
        message = passage.message
        for key in {self._topics.get(message.topic), message.update_of} - {None, message.key}:
            earlier = self._open.get(key or "")
            if earlier is not None:
                self._put(replaced(earlier))
        self._topics[passage.message.topic] = passage.message.key
        passage, again = resumed(passage, self._now_ms(), self._idempotent)
        self._put(passage)
        self._actions += [Parcel(message_of(passage, number), number) for number in again]

    async def _take_inputs(self) -> None:
        inputs, self._inputs = self._inputs, []
        for position, one in enumerate(inputs):
            try:
                await self._take(one)
            except ShelfFailedError:
                self._inputs = inputs[position:] + self._inputs
                raise

    async def _take(self, one: _Answered | Receipt) -> None:
        key = one.key if one.key is not None else self._references.get((one.channel or "", one.reference or ""))
        passage = None if key is None else await self._find(key)
        if passage is None:
            return
        if isinstance(one, Receipt):
            # One word in the outbox is enough: who said it stands in the topic.
            if one.by is None or one.by == recipient_of(passage.message):
                self._put(received(passage, msgspec.structs.replace(one, by=None)))
        else:
            self._put(answered(passage, one.number, one.answer, self._now_ms()))

    async def _find(self, key: str) -> Passage | None:
        return self._open.get(key) or self._dirty.get(key) or await self._call(self._shelf.passage, key)

    def _ring(self) -> None:
        now_ms = self._now_ms()
        while self._clock and self._clock[0][0] <= now_ms:
            _, key = heapq.heappop(self._clock)
            passage = self._open.get(key)
            if passage is not None:
                self._advance(passage, now_ms)

    def _advance(self, passage: Passage, now_ms: int) -> None:
        then, number = advance(passage, now_ms, self._rules, self._idempotent)
        if then is passage:
            return
        self._put(then)
        if number is not None:
            self._actions.append(Parcel(message_of(then, number), number))

    def _put(self, passage: Passage) -> None:
        key = passage.message.key
        self._dirty[key] = passage
        if not is_open(passage):
            self._forget(passage)
            return
        self._open[key] = passage
        for one in passage.tries:
            if one.reference is not None:
                self._references[passage.ways[one.way].channel, one.reference] = key
        if passage.next_ms is not None:
            heapq.heappush(self._clock, (passage.next_ms, key))

    def _forget(self, passage: Passage) -> None:
        key, topic = passage.message.key, passage.message.topic
        self._open.pop(key, None)
        if self._topics.get(topic) == key:
            del self._topics[topic]
        for one in passage.tries:
            self._references.pop((passage.ways[one.way].channel, one.reference or ""), None)

    async def _keep(self) -> None:
        """Make all changes durable, then hand over. In this order: a process that dies knows afterwards what it began."""
        dirty = list(self._dirty.values())
        if dirty:
            await self._call(self._shelf.save, dirty)
            self._dirty = {}
        actions, self._actions = self._actions, []
        for parcel in actions:
            self._hand(parcel)
        if self._changed is not None:
            for passage in dirty:
                self._changed(passage)

    def _hand(self, parcel: Parcel) -> None:
        passage = self._open.get(parcel.message.key)
        if passage is None:
            return
        name = passage.ways[passage.tries[parcel.number].way].channel
        lane = self._lanes.get(name)
        if lane is None:
            self._tell(parcel, Answer(Verdict.REFUSED, why="not_configured", is_gone=True))
        else:
            lane.put(parcel)

    def _is_wanted(self, key: str) -> bool:
        return key in self._open

    def _tell(self, parcel: Parcel, answer: Answer) -> None:
        self._inputs.append(_Answered(parcel.message.key, parcel.number, answer))
        self._wake.set()

    async def _call(self, function: Callable[[*Given], Found], *args: *Given) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *args)
