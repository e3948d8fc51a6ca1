"""What is due at the court, and when: from the moments at which a petition was received and decided. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jikimi.model.petition import Answer, Deadline, Level, PetitionForm, Rule
from jikimi.orders.days import begin_ms, day_of
from jikimi.petitions import answers

HOUR_MS: Final = 3_600_000


class Clock(enum.StrEnum):
    """What must be done within a time."""

    INTERIM = "interim"
    DECISION = "decision"
    TELL = "tell"
    """A decision is to be told to both sides: she reads a refusal only after that, and the time for an appeal begins with it."""
    APPEAL = "appeal"
    EXTENSION = "extension"
    """An order nears its end: whoever wants it extended must ask by then."""


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


def telling(form: PetitionForm, decided_ms: int) -> Due:
    """Return by when both sides are to be told of a decision."""
    return Due(Clock.TELL, end_ms(decided_ms, form.clocks.tell, ZoneInfo(form.time_zone)))


def extension(form: PetitionForm, until_ms: int) -> Due:
    """Return by when an extension of an order that ends at ``until_ms`` should be asked for, so that it is decided before the end."""
    ahead = form.clocks.extension
    zone = ZoneInfo(form.time_zone)
    if ahead.hours is not None:
        return Due(Clock.EXTENSION, until_ms - ahead.hours * HOUR_MS)
    assert ahead.days is not None
    return Due(Clock.EXTENSION, begin_ms(day_of(until_ms, zone) - dt.timedelta(days=ahead.days), zone))


class InTime(NamedTuple):
    """A time within which it had to be filed: the last day, and whether the day it was filed on was in time."""

    check_id: str
    last_day: dt.date
    kept: bool


def in_time(form: PetitionForm, told: Mapping[str, Answer], filed_on: dt.date) -> list[InTime]:
    """Return the times of the form that stop a petition, as the court checks them: from what she answered and the day it was filed on."""
    found = []
    for check in form.checks:
        day = answers.day_of(told.get(check.question))
        if check.rule is Rule.WITHIN_DAYS and check.level is Level.STOP and day is not None:
            last = answers.last_day(check, day)
            found.append(InTime(check.check_id, last, filed_on <= last))
    return found
