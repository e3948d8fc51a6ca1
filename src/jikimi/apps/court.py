"""The court's app: petitions of the courts to which the account belongs, and what is decided about them.

An app of its own, with its own port, cookie and rights. It shows no position and knows no way to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from litestar import get
from litestar.di import NamedDependency

from jikimi.apps import signing
from jikimi.apps.api import Door, litestar_app
from jikimi.apps.locking import Locks
from jikimi.apps.pairing import Pairing
from jikimi.apps.ports import Change, Watch
from jikimi.apps.register import Register
from jikimi.apps.rights import OPEN, Needs, Staff, entitled, guard
from jikimi.apps.security import headers_for
from jikimi.apps.session import Sessions, Signed
from jikimi.apps.signing import Entrance
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.gate import Audience
from jikimi.identity.roles import Right
from jikimi.model.petition import Texts

_encode = msgspec.json.Encoder().encode

NEEDS: Final[Needs] = {
    ("GET", "/api/me"): Right.SEE_COURT,
}
"""Which right each route needs. What is not in the table is refused."""


class CourtStaff(Staff, Protocol):
    """Who may do what, and at which courts."""

    async def courts(self, subject: str) -> tuple[str, ...]:
        """Return the courts whose petitions a subject may see now."""
        ...


class Seat(msgspec.Struct, frozen=True):
    """A court to which the account belongs, and its name by language."""

    court: str
    name: Texts


class CourtMe(msgspec.Struct, frozen=True):
    """Who is signed in, where, and what the page offers: whether the docket may be kept, and petitions decided."""

    name: str
    courts: list[Seat]
    keeps: bool
    decides: bool
    demo: bool
    locked: bool
    lock_after_s: float


class Told(msgspec.Struct, frozen=True):
    """What the stream says: another number means that something may have changed."""

    number: int


class CourtTeller:
    """What one page of a court is told: that something changed, and nothing of it."""

    __slots__ = ("_number",)

    interval_s = 1.0
    in_a_row = 1
    event_name = "changed"
    at_once = False

    def __init__(self, number: Callable[[], int]) -> None:
        self._number = number

    def pair_ids(self) -> tuple[str, ...]:
        """No pair concerns a court."""
        return ()

    def event(self, change: Change) -> None:
        """Nothing that happens to a pair is told here."""

    async def state(self) -> bytes:
        """Return the number."""
        return _encode(Told(self._number()))

    def again_ms(self) -> None:
        """Nothing here closes by itself."""

    def over(self) -> None:
        """A court is never over."""

    def left(self) -> None:
        """Nothing was open."""


@get("/api/me")
async def me(
    signed: NamedDependency[Signed],
    staff: NamedDependency[Any],
    named: NamedDependency[Any],
    demo: NamedDependency[bool],
    locks: NamedDependency[Locks],
) -> CourtMe:
    """Return who is signed in."""
    rights = await staff.rights(signed.subject)
    courts = [Seat(court, named.get(court, {})) for court in await staff.courts(signed.subject)]
    return CourtMe(
        signed.subject,
        courts,
        keeps=Right.KEEP_DOCKET in rights,
        decides=Right.DECIDE_PETITIONS in rights,
        demo=demo,
        locked=await locks.is_locked(signed),
        lock_after_s=locks.after_s,
    )


ROUTES: Final = [me]


def court_app(
    watch: Watch,
    register: Register,
    staff: CourtStaff,
    *,
    named: Mapping[str, Texts],
    number: Callable[[], int],
    session_days: float = 1.0,
    tls: bool = False,
    demonstration: bool = False,
    entrance: Entrance | None = None,
    static: Path = STATIC / "court",
) -> WebApp:
    """Return the court's app.

    Args:
        watch: the running core: its clock, and nothing else of it.
        register: sessions.
        staff: who may do what, and at which courts.
        named: the courts' names by language.
        number: gives another number when something changed.
        session_days: how long a browser stays signed in.
        tls: whether a TLS proxy stands in front.
        demonstration: whether the page is marked as a demonstration.
        entrance: how staff sign in and when screens lock; None: by codes alone, and never.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.COURT, tls=tls)
    may_enter = entitled(staff, Right.SEE_COURT)
    are_codes_enough = entrance is None or entrance.are_codes_enough
    sessions = Sessions(register, Audience.COURT, watch.now_ms, days=session_days, may_enter=may_enter, are_codes_enough=are_codes_enough)
    streams = Streams(watch, sessions, lambda _signed: CourtTeller(number), headers)
    locks = Locks(sessions, 0.0 if entrance is None else entrance.lock_after_s, streams.stir_session)
    door = Door(sessions, Pairing(sessions, watch.now_ms), streams)
    api = litestar_app(
        [*ROUTES, *(signing.ROUTES if entrance is not None else ())],
        door,
        guards=[guard(sessions, staff, NEEDS, locks=locks, open_to=OPEN | signing.ROUTES_OPEN)],
        locks=locks,
        **signing.services(door, entrance, locks, watch.now_ms),
        staff=staff,
        named=named,
        demo=demonstration,
    )
    return WebApp(api=api, streams=streams, tiles=None, static=Static(static), sessions=sessions, headers=headers)
