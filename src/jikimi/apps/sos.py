"""SOS from her app: durable before it is acknowledged, the same press once, with or without a position."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from jikimi.apps.api import RefusedError
from jikimi.apps.ports import Sos, Watch
from jikimi.ingest.limits import Meter
from jikimi.ingest.ports import IntakeFailedError

MOST_ANSWERS: Final = 10_000
_RETRY_S: Final = 1


class SosAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An SOS, or its end, is durable since ``received_at_ms``; a person at the desk took it at ``seen_at_ms``, None until then."""

    id: str
    received_at_ms: int
    seen_at_ms: int | None = None


Seen = Callable[[str, int], Awaitable[int | None]]
"""Tells when a person at the desk first acted on a call of hers that began at a time; None while nobody did."""


class SosDesk:
    """Takes SOS calls.

    Args:
        watch: the running core.
        seen: who took a call; None where there is no desk to take one.
    """

    def __init__(self, watch: Watch, seen: Seen | None = None) -> None:
        self._watch = watch
        self._seen = seen
        self._answers: OrderedDict[tuple[str, str, bool], SosAnswer] = OrderedDict()
        self._meter = Meter(1.0, 30)

    async def call(self, person_id: str, sos_id: str, *, silent: bool) -> SosAnswer:
        """Record a call; the same id again gives the same answer, and since when somebody at the desk has it.

        Raises:
            RefusedError: it could not be stored, or calls come without end.
        """
        known = self._answers.get((person_id, sos_id, False))
        if known is not None:
            return await self._with_seen(person_id, known)
        self._count(person_id)
        now_ms = self._watch.now_ms()
        sos = Sos(sos_id=sos_id, person_id=person_id, at_ms=now_ms, silent=silent)
        await self._raise(sos)
        if (person_id, sos_id, True) in self._answers:  # its end came first: both are on record, and it does not stand
            await self._raise(msgspec.structs.replace(sos, cancelled_ms=now_ms))
        standing = self._watch.sos_of(person_id)
        at_ms = standing.at_ms if standing is not None and standing.sos_id == sos_id else now_ms
        return self._remember(person_id, SosAnswer(sos_id, at_ms), ended=False)

    async def cancel(self, person_id: str, sos_id: str) -> SosAnswer:
        """Record the end of a call. Only the call of that id ends: a late word about an old one never ends a new one.

        Raises:
            RefusedError: it could not be stored, or calls come without end.
        """
        known = self._answers.get((person_id, sos_id, True))
        if known is not None:
            return known
        self._count(person_id)
        now_ms = self._watch.now_ms()
        standing = self._watch.sos_of(person_id)
        if standing is not None and standing.sos_id == sos_id:
            await self._raise(msgspec.structs.replace(standing, cancelled_ms=now_ms))
        return self._remember(person_id, SosAnswer(sos_id, now_ms), ended=True)

    async def _with_seen(self, person_id: str, answer: SosAnswer) -> SosAnswer:
        if self._seen is None or answer.seen_at_ms is not None:
            return answer
        seen_ms = await self._seen(person_id, answer.received_at_ms)
        if seen_ms is None:
            return answer
        return self._remember(person_id, msgspec.structs.replace(answer, seen_at_ms=seen_ms), ended=False)

    def _count(self, person_id: str) -> None:
        now_ms = self._watch.now_ms()
        if not self._meter.allow(person_id, now_ms):
            raise RefusedError(429, "too_often", "An SOS already stands.", retry_after_s=self._meter.wait_s(person_id, now_ms))

    async def _raise(self, sos: Sos) -> None:
        try:
            await self._watch.raise_sos(sos)
        except IntakeFailedError:
            raise RefusedError(503, "not_stored", "It could not be stored; send it again.", retry_after_s=_RETRY_S) from None

    def _remember(self, person_id: str, answer: SosAnswer, *, ended: bool) -> SosAnswer:
        self._answers[person_id, answer.id, ended] = answer
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        return answer
