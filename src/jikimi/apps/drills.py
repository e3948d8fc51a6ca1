"""Drills: the states of an alarm played on her own telephone, marked in words, started by her or by an operator."""

from __future__ import annotations

from typing import Any, Final, Protocol

from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError
from jikimi.apps.ports import Watch
from jikimi.apps.session import Signed
from jikimi.disclosure.wire import DrillFrame

HERSELF: Final = "protected"


class Drilling(Protocol):
    """Plays drills."""

    def frame(self, person_id: str) -> DrillFrame | None:
        """Return what a drill shows her now, or None."""
        ...

    def start(self, person_id: str, by: str) -> str | None:
        """Begin one; return why not, in a sentence, or None when it runs."""
        ...

    def stop(self, person_id: str) -> None:
        """End it, if one runs."""
        ...

    def was_played(self, person_id: str) -> bool:
        """Return whether a drill came to its top on her screens and was not asked about since."""
        ...


def _begun(why: str | None) -> None:
    if why is not None:
        raise RefusedError(409, "refused", why)


@post("/api/drill", status_code=202)
async def begin_drill(signed: NamedDependency[Signed], drills: NamedDependency[Any]) -> None:
    """Begin a drill on her screens."""
    _begun(drills.start(signed.subject, HERSELF))


@delete("/api/drill", status_code=204)
async def end_drill(signed: NamedDependency[Signed], drills: NamedDependency[Any]) -> None:
    """End it."""
    drills.stop(signed.subject)


@post("/api/drill/check", status_code=204)
async def knew(
    signed: NamedDependency[Signed], watch: NamedDependency[Any], office: NamedDependency[Any], drills: NamedDependency[Any]
) -> None:
    """Take that she answered rightly what to do after a drill: the last step between an order and a protected person."""
    if not drills.was_played(signed.subject):
        raise RefusedError(409, "refused", "No drill was played to its end.")
    now_ms = watch.now_ms()
    await office.do(lambda clerk: clerk.tried_help(signed.subject, at_ms=now_ms))


@post("/api/pairs/{name:str}/drill", status_code=202)
async def begin_drill_for(
    name: FromPath[str],
    signed: NamedDependency[Signed],
    seats: NamedDependency[Any],
    watch: NamedDependency[Any],
    drills: NamedDependency[Any],
) -> None:
    """Begin a drill for the person of a pair that this desk knows."""
    person_id = _person_of(name, signed, seats, watch)
    _begun(drills.start(person_id, signed.subject))


@delete("/api/pairs/{name:str}/drill", status_code=204)
async def end_drill_for(
    name: FromPath[str],
    signed: NamedDependency[Signed],
    seats: NamedDependency[Any],
    watch: NamedDependency[Any],
    drills: NamedDependency[Any],
) -> None:
    """End it, whoever began it."""
    person_id = _person_of(name, signed, seats, watch)
    drills.stop(person_id)


def _person_of(name: str, signed: Signed, seats: Any, watch: Watch) -> str:
    pair_id = seats.of(signed).alias.pair_id(name)
    pair = None if pair_id is None else watch.pair(pair_id)
    if pair is None:
        raise RefusedError(404, "pair_unknown")
    return pair.owner_id


DESK: Final = (begin_drill_for, end_drill_for)
