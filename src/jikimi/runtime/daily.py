"""Each handset is tested once a day by a notice that it confirms, so that one which would stay silent is known before it matters."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Final
from zoneinfo import ZoneInfo

from jikimi.apps.push import CHANNEL as PUSH
from jikimi.apps.screens import address
from jikimi.delivery.daily import handset_test, time_of_test_ms
from jikimi.delivery.passage import Passage, Way, plan
from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.words import LANGUAGE, Book
from jikimi.disclosure.gate import Audience
from jikimi.model.policy import Policy
from jikimi.runtime.hub import Hub
from jikimi.runtime.notices import STREAM
from jikimi.storage.addresses import SqlAddresses

PERIOD_S: Final = 30.0
"""Between two looks at whose time has come."""
SLICE: Final = 500
"""Persons looked at in one go."""
_DAY: Final = dt.timedelta(days=1)


class DailyTests:
    """Sends the tests.

    Args:
        hub: the running core.
        addresses: where she is reached; asked on the thread of the books.
        book: the texts.
        rules: how long a notice lives.
        send: puts passages in the outbox, on the thread of the books, made by the function it is given. One whose key is there is left.
    """

    def __init__(
        self,
        hub: Hub,
        addresses: SqlAddresses,
        book: Book,
        rules: DeliveryRules,
        send: Callable[[Callable[[], list[Passage]]], Awaitable[None]],
    ) -> None:
        self._hub = hub
        self._addresses = addresses
        self._book = book
        self._rules = rules
        self._send = send
        self._next: dict[str, int] = {}

    async def work(self) -> None:
        """Test, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """Test those whose time has come. Nobody is tested while a call for help of hers stands: it might ring."""
        now_ms, persons = self._hub.now_ms(), self._hub.protected()
        following: dict[str, int] = {}
        for number, person_id in enumerate(persons, 1):
            if number % SLICE == 0:
                # At a start all are new: working out their times would keep everybody else waiting for a second.
                await asyncio.sleep(0)
            if self._hub.orders_protecting(person_id):
                following[person_id] = self._next[person_id] if person_id in self._next else self._first(person_id, now_ms)
        self._next = following
        due = [person_id for person_id, at_ms in self._next.items() if at_ms <= now_ms]
        for person_id in due:
            self._next[person_id] = self._time(person_id, _day(now_ms, self._policy(person_id)) + _DAY)
        quiet = [(person_id, self._policy(person_id)) for person_id in due if self._hub.sos_of(person_id) is None]
        if quiet:
            await self._send(lambda: [self._passage(one, _day(now_ms, policy).isoformat(), policy, now_ms) for one, policy in quiet])

    def _first(self, person_id: str, now_ms: int) -> int:
        """Return when a person is tested next. A server that was away at the time does not make up for it: it may be night."""
        day = _day(now_ms, self._policy(person_id))
        today_ms = self._time(person_id, day)
        return today_ms if today_ms > now_ms - PERIOD_S * 1000 else self._time(person_id, day + _DAY)

    def _time(self, person_id: str, day: dt.date) -> int:
        return time_of_test_ms(person_id, day, self._policy(person_id).time_zone)

    def _policy(self, person_id: str) -> Policy:
        return self._hub.policy(self._hub.orders_protecting(person_id)[0].order_id)

    async def on_request(self, person_id: str) -> None:
        """Test the way to her closed page now: she asked for it."""
        now_ms = self._hub.now_ms()
        await self._send(lambda: [self._passage(person_id, str(now_ms), self._policy(person_id), now_ms, (PUSH,))])

    def _passage(self, person_id: str, name: str, policy: Policy, now_ms: int, ways: tuple[str, ...] = (STREAM, PUSH)) -> Passage:
        found = self._addresses.of(person_id) | {STREAM: address(Audience.PROTECTED, person_id)}
        message = handset_test(person_id, name, self._book, found.get(LANGUAGE, policy.languages[0]), now_ms)
        return plan(message, [Way(one, found[one]) for one in ways if one in found], self._rules, is_danger=False)


def _day(now_ms: int, policy: Policy) -> dt.date:
    return dt.datetime.fromtimestamp(now_ms / 1000, ZoneInfo(policy.time_zone)).date()
