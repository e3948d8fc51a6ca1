"""A channel that does as told, a shelf in memory, a clock that is set by hand, and an eye."""

from __future__ import annotations

import asyncio

from jikimi.delivery.message import Answer, Message, Verdict
from jikimi.delivery.passage import Passage, Way, is_open, plan
from jikimi.delivery.ports import ShelfFailedError
from jikimi.delivery.rules import read_rules

RULES = read_rules()
START_MS = 1_780_000_000_000
NAMES = ("stream", "web_push", "sms", "sms_http", "voice", "email", "webhook")
ACCEPTED = Answer(Verdict.ACCEPTED)


def message(key="n1", topic="pair-1", *, sent_ms=START_MS, life_ms=60_000, **other):
    given = {"title": "위험", "text": "지금 안전한 곳으로 가세요.", "language": "ko", "urgent": True, **other}
    return Message(key=key, topic=topic, address=given.pop("address", ""), sent_ms=sent_ms, until_ms=sent_ms + life_ms, **given)


def passage(key="n1", topic="pair-1", channels=("web_push", "sms", "voice"), *, is_danger=True, sent_ms=START_MS, rules=RULES, **other):
    ways = [Way(name, f"{name}-address") for name in channels]
    return plan(message(key, topic, sent_ms=sent_ms, **other), ways, rules, is_danger=is_danger)


class Clock:
    def __init__(self, now_ms=START_MS):
        self.now_ms = now_ms

    def __call__(self):
        return self.now_ms


class FakeChannel:
    """Answers as told; ``answers`` first, then ``then``. Remembers what was handed over."""

    def __init__(self, name, *answers, then=ACCEPTED, is_idempotent=True):
        self.name = name
        self.is_idempotent = is_idempotent
        self.answers = list(answers)
        self.then = then
        self.handed = []
        self.gate = None
        self.is_closed = False

    async def hand(self, message, now_ms):
        self.handed.append((now_ms, message))
        if self.gate is not None:
            await self.gate.wait()
        return self.answers.pop(0) if self.answers else self.then

    async def close(self):
        self.is_closed = True


class MemoryShelf:
    def __init__(self):
        self.rows = {}
        self.numbers = {}
        self.is_down = False
        self.saves = 0

    def add(self, *passages: Passage):
        for one in passages:
            self.numbers[one.message.key] = len(self.numbers) + 1
            self.rows[one.message.key] = one

    def fresh(self, after):
        self._check()
        return sorted(
            ((self.numbers[key], one) for key, one in self.rows.items() if self.numbers[key] > after and is_open(one)),
            key=lambda row: row[0],
        )

    def save(self, passages):
        self._check()
        self.saves += 1
        for one in passages:
            assert one.message.key in self.numbers
            self.rows[one.message.key] = one

    def passage(self, key):
        self._check()
        return self.rows.get(key)

    def _check(self):
        if self.is_down:
            raise ShelfFailedError


async def settle(runner):
    """Let everything happen that asks for no more time."""
    for _ in range(60):
        await asyncio.sleep(0)
        if await runner.tick() == 0.0:
            continue
