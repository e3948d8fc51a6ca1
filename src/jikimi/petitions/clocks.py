"""What is due at the court, and when: from the moments at which a petition was received and decided. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jikimi.model.petition import Deadline, PetitionForm
from jikimi.orders.days import begin_ms, day_of

HOUR_MS: Final = 3_600_000


class Clock(enum.StrEnum):
    """What must be done within a time."""

    INTERIM = "interim"
    DECISION = "decision"
    APPEAL = "appeal"


class Due(NamedTuple):
    """A clock, and the first moment (ms) at which it has run out."""

    clock: Clock
    at_ms: int


def dues(form: PetitionForm, *, received_ms: int, wants_interim: bool, interim_ms: int | None, told_ms: int | None) -> list[Due]:
    """Return the clocks that run, the earliest first.

    Args:
        form: whose times count.
        received_ms: when the court received it.
        wants_interim: whether an interim order is asked for.
        interim_ms: when that was decided, or None.
        told_ms: when the decision was told to who may appeal, or None while it is not decided.
    """
    clocks, zone = form.clocks, ZoneInfo(form.time_zone)
    if told_ms is not None:
        return [Due(Clock.APPEAL, end_ms(told_ms, clocks.appeal, zone))]
    running = [Due(Clock.DECISION, end_ms(received_ms, clocks.decision, zone))]
    if wants_interim and interim_ms is None:
        running.append(Due(Clock.INTERIM, end_ms(received_ms, clocks.interim, zone)))
    return sorted(running, key=lambda due: due.at_ms)


def end_ms(from_ms: int, deadline: Deadline, zone: ZoneInfo) -> int:
    """Return the first moment after a time. Hours run from the moment; days end with a day, and the first one does not count."""
    if deadline.hours is not None:
        return from_ms + deadline.hours * HOUR_MS
    assert deadline.days is not None
    return begin_ms(day_of(from_ms, zone) + dt.timedelta(days=deadline.days + 1), zone)
