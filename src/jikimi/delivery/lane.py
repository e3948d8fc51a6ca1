"""One channel's lane: a bounded queue and workers of its own, so that a slow channel makes no other one wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import structlog

from jikimi.delivery.breaker import Breaker
from jikimi.delivery.message import Answer, Message, Verdict
from jikimi.delivery.ports import Channel
from jikimi.delivery.rules import DeliveryRules

log = structlog.get_logger()


class Parcel(NamedTuple):
    """One try: the message, and its number in its passage."""

    message: Message
    number: int


Tell = Callable[[Parcel, Answer], None]


class Lane:
    """Hands parcels to one channel.

    Args:
        channel: where to.
        rules: room, time and breaker.
        now_ms: the clock.
        wanted: asked just before handing over: whether the parcel is still to go.
        tell: gets each parcel with its answer.
    """

    def __init__(
        self, channel: Channel, rules: DeliveryRules, now_ms: Callable[[], int], wanted: Callable[[str], bool], tell: Tell
    ) -> None:
        self.channel = channel
        self.breaker = Breaker(rules.breaker)
        self._rules = rules.lane
        self._now_ms = now_ms
        self._wanted = wanted
        self._tell = tell
        self._queue: asyncio.Queue[Parcel] = asyncio.Queue(self._rules.waiting)
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to work."""
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._rules.workers)]

    def put(self, parcel: Parcel) -> None:
        """Take a parcel, or say at once that there is no room."""
        try:
            self._queue.put_nowait(parcel)
        except asyncio.QueueFull:
            self._tell(parcel, Answer(Verdict.REFUSED, why="lane_full"))

    async def close(self) -> None:
        """Stop; what waits stays in the outbox."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self.channel.close()

    async def _work(self) -> None:
        while True:
            parcel = await self._queue.get()
            self._tell(parcel, await self._hand(parcel))

    async def _hand(self, parcel: Parcel) -> Answer:
        now_ms = self._now_ms()
        if now_ms >= parcel.message.until_ms or not self._wanted(parcel.message.key):
            return Answer(Verdict.REFUSED, why="too_late", is_gone=True)
        if not self.breaker.allow(now_ms):
            return Answer(Verdict.REFUSED, why="breaker_open")
        answer = await self._answer(parcel.message, now_ms)
        self.breaker.tell(self._now_ms(), is_fault=answer.is_fault)
        return answer

    async def _answer(self, message: Message, now_ms: int) -> Answer:
        try:
            async with asyncio.timeout(self._rules.timeout_s):
                return await self.channel.hand(message, now_ms)
        except TimeoutError:
            return Answer(Verdict.UNKNOWN, why="timeout", is_fault=True)
        except Exception:
            log.exception("a channel failed by a fault of ours", channel=self.channel.name)
            return Answer(Verdict.UNKNOWN, why="defect", is_fault=True)
