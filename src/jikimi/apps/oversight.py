"""Oversight: who looked at whom, what was unusual, what a review found, what is kept until when, and the proofs.

An app of its own, with its own port, cookie and rights. It shows no position and knows no way to one. What an auditor looks up is
itself in the ledger before it is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps import second_desk, signing
from jikimi.apps.api import Door, RefusedError, litestar_app, read_as
from jikimi.apps.locking import Locks
from jikimi.apps.overseeing import Head, Lookups, Overseen, Question, Report, RetentionState
from jikimi.apps.pairing import Pairing
from jikimi.apps.ports import Change, Watch
from jikimi.apps.proofs import Proofs
from jikimi.apps.register import Register
from jikimi.apps.rights import OPEN, Needs, Staff, entitled, guard
from jikimi.apps.second_desk import Second
from jikimi.apps.security import headers_for
from jikimi.apps.session import Sessions, Signed
from jikimi.apps.signing import Entrance
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.copying import Copy, CopyError, Decision
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.disclosure.review import Outcome, Review, ReviewError
from jikimi.identity.roles import Right
from jikimi.identity.second import SecondError

_encode = msgspec.json.Encoder().encode
_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_WORDS = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"\S")]
_TEXT: Final = "text/plain; charset=utf-8"

NEEDS: Final[Needs] = {
    ("GET", "/api/me"): Right.SEE_OVERSIGHT,
    ("POST", "/api/lookups"): Right.SEE_OVERSIGHT,
    ("GET", "/api/report/{month:str}"): Right.SEE_OVERSIGHT,
    ("GET", "/api/reviews"): Right.SEE_OVERSIGHT,
    ("POST", "/api/reviews/take"): Right.SETTLE_REVIEWS,
    ("POST", "/api/reviews/decide"): Right.SETTLE_REVIEWS,
    ("GET", "/api/copies"): Right.SEE_OVERSIGHT,
    ("POST", "/api/copies/permit"): Right.RECORD_PERMISSION,
    ("GET", "/api/retention"): Right.SEE_OVERSIGHT,
    ("GET", "/api/checkpoint"): Right.SEE_OVERSIGHT,
    ("POST", "/api/proof"): Right.SEE_OVERSIGHT,
    ("POST", "/api/consistency"): Right.SEE_OVERSIGHT,
    ("GET", "/api/second"): Right.ACT_IN_TWO,
    ("POST", "/api/second"): Right.ACT_IN_TWO,
    ("POST", "/api/second/adopt"): Right.ACT_IN_TWO,
    ("POST", "/api/second/confirm"): Right.ACT_IN_TWO,
    ("POST", "/api/second/refuse"): Right.ACT_IN_TWO,
    ("POST", "/api/second/withdraw"): Right.ACT_IN_TWO,
}
"""Which right each route needs. What is not in the table is refused."""


class OversightMe(msgspec.Struct, frozen=True):
    """Who is signed in, and what the page offers: whether reviews may be settled, and permissions recorded."""

    name: str
    settles: bool
    records: bool
    demo: bool
    locked: bool
    lock_after_s: float


class Told(msgspec.Struct, frozen=True):
    """What the stream says: another number means that something may have changed."""

    number: int


class OversightTeller:
    """What one oversight page is told: that something changed, and nothing of it."""

    __slots__ = ("_overseen",)

    interval_s = 2.0
    in_a_row = 0
    event_name = "changed"
    at_once = False

    def __init__(self, overseen: Overseen) -> None:
        self._overseen = overseen

    def pair_ids(self) -> tuple[str, ...]:
        """No pair concerns oversight."""
        return ()

    def event(self, change: Change) -> None:
        """Nothing that happens to a pair is told here."""

    async def state(self) -> bytes:
        """Return the number."""
        return _encode(Told(self._overseen.number()))

    def again_ms(self) -> None:
        """Nothing here closes by itself."""

    def over(self) -> None:
        """Oversight is never over."""

    def left(self) -> None:
        """Nothing was open."""


class ReviewBody(msgspec.Struct, frozen=True):
    """Which review."""

    review: _NAME


class DecideBody(msgspec.Struct, frozen=True):
    """What a look was, and why."""

    review: _NAME
    outcome: Outcome
    reason: _WORDS


class PermitBody(msgspec.Struct, frozen=True):
    """A court's permission for a copy: which court, its number, when it decided, when the permission ends, and its document's SHA-256."""

    copy: _NAME
    court: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    decided_ms: int
    until_ms: int
    document: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class EntryBody(msgspec.Struct, frozen=True):
    """Which entry, from 0."""

    entry: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class OldBody(msgspec.Struct, frozen=True):
    """How many entries the checkpoint had that somebody kept."""

    old: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


_question = msgspec.json.Decoder(Question)
_review_body = msgspec.json.Decoder(ReviewBody)
_decide_body = msgspec.json.Decoder(DecideBody)
_permit_body = msgspec.json.Decoder(PermitBody)
_entry_body = msgspec.json.Decoder(EntryBody)
_old_body = msgspec.json.Decoder(OldBody)


@get("/api/me")
async def me(
    signed: NamedDependency[Signed], staff: NamedDependency[Any], demo: NamedDependency[bool], locks: NamedDependency[Locks]
) -> OversightMe:
    """Return who is signed in."""
    rights = await staff.rights(signed.subject)
    settles, records = Right.SETTLE_REVIEWS in rights, Right.RECORD_PERMISSION in rights
    return OversightMe(signed.subject, settles, records, demo, await locks.is_locked(signed), locks.after_s)


@post("/api/lookups", status_code=200)
async def lookups(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> Lookups:
    """Return who looked at whom. The question itself is in the ledger before it is answered."""
    found: Lookups = await overseen.lookups(await read_as(request, _question, "a JSON object that says what to look for"), signed.subject)
    return found


@get("/api/report/{month:str}")
async def report(month: FromPath[str], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> Report:
    """Return the report of a month, such as 2026-11."""
    try:
        found: Report = await overseen.report(month, signed.subject)
    except ValueError:
        raise RefusedError(404, "not_found", "A month is a year and two digits, such as 2026-11.") from None
    return found


@get("/api/reviews")
async def reviews(overseen: NamedDependency[Any]) -> list[Review]:
    """Return the reviews that are open, and those of the last months."""
    found: list[Review] = await overseen.reviews()
    return found


@post("/api/reviews/take", status_code=204)
async def take(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> None:
    """Make whoever asks the owner of a review."""
    asked = await read_as(request, _review_body, 'a JSON object with "review"')
    await overseen.take(asked.review, signed.subject)


@post("/api/reviews/decide", status_code=204)
async def decide(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> None:
    """Say what a look was, and why. What was decided stands."""
    asked = await read_as(request, _decide_body, 'a JSON object with "review", "outcome" and "reason"')
    await overseen.decide(asked.review, signed.subject, asked.outcome, asked.reason)


@get("/api/copies")
async def copies(overseen: NamedDependency[Any]) -> list[Copy]:
    """Return the copies made for investigations, without what is in them."""
    found: list[Copy] = await overseen.copies()
    return found


@post("/api/copies/permit", status_code=204)
async def permit(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> None:
    """Record a court's permission for a copy that waits for one."""
    asked = await read_as(request, _permit_body, 'a JSON object with "copy", "court", "number", "decided_ms", "until_ms" and "document"')
    decision = Decision(
        court=asked.court, number=asked.number, decided_ms=asked.decided_ms, until_ms=asked.until_ms, document=asked.document
    )
    await overseen.permit(asked.copy, decision, signed.subject)


@get("/api/retention")
async def retention(overseen: NamedDependency[Any]) -> RetentionState:
    """Return what is kept until when, what a court holds back, and what is being erased."""
    found: RetentionState = await overseen.retention()
    return found


@get("/api/checkpoint")
async def checkpoint(overseen: NamedDependency[Any]) -> Response[Head | None]:
    """Return the ledger's newest checkpoint and its key."""
    return Response(await overseen.head(), media_type="application/json")


@post("/api/proof", status_code=200)
async def proof(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> Response[str]:
    """Return the proof that one entry is in the ledger, as `jikimi ledger verify` takes it."""
    asked = await read_as(request, _entry_body, 'a JSON object with "entry"')
    return _file(await overseen.proof(asked.entry, signed.subject), f"{asked.entry}.tlog-proof")


@post("/api/consistency", status_code=200)
async def consistency(request: Request[Any, Any, Any], signed: NamedDependency[Signed], overseen: NamedDependency[Any]) -> Response[str]:
    """Return the proof that the entries of an older checkpoint are still the same."""
    asked = await read_as(request, _old_body, 'a JSON object with "old"')
    return _file(await overseen.consistency(asked.old, signed.subject), f"from-{asked.old}.tlog-consistency")


def _file(text: str, name: str) -> Response[str]:
    return Response(text, media_type=_TEXT, headers={"content-disposition": f'attachment; filename="{name}"'})


def _refused(_request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": "refused", "message": str(error)}, status_code=409, media_type="application/json")


def _nothing(_request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": "not_found", "message": str(error)}, status_code=404, media_type="application/json")


def _unwritten(_request: Request[Any, Any, Any], _error: Exception) -> Response[dict[str, str]]:
    """Nothing is shown that could not be written down."""
    body = {"error": "not_stored", "message": "The ledger cannot be written, so nothing is shown."}
    return Response(body, status_code=503, media_type="application/json", headers={"retry-after": "2"})


ROUTES: Final = [me, lookups, report, reviews, take, decide, copies, permit, retention, checkpoint, proof, consistency]


def oversight_app(
    watch: Watch,
    register: Register,
    overseen: Overseen,
    staff: Staff,
    *,
    session_days: float = 1.0,
    tls: bool = False,
    demonstration: bool = False,
    entrance: Entrance | None = None,
    second: Second | None = None,
    static: Path = STATIC / "oversight",
) -> WebApp:
    """Return the oversight app.

    Args:
        watch: the running core: its clock, and nothing else of it.
        register: sessions.
        overseen: reads the ledger, keeps reviews and copies.
        staff: who may do what.
        session_days: how long a browser stays signed in.
        tls: whether a TLS proxy stands in front.
        demonstration: whether the page is marked as a demonstration.
        entrance: how staff sign in and when screens lock; None: by codes alone, and never.
        second: keeps what needs a second person; None where nothing is asked for here.
        static: folder of the built pages.
    """
    headers = headers_for(Audience.OVERSIGHT, tls=tls)
    may_enter = entitled(staff, Right.SEE_OVERSIGHT)
    are_codes_enough = entrance is None or entrance.are_codes_enough
    sessions = Sessions(
        register, Audience.OVERSIGHT, watch.now_ms, days=session_days, may_enter=may_enter, are_codes_enough=are_codes_enough
    )
    streams = Streams(watch, sessions, lambda _signed: OversightTeller(overseen), headers)
    locks = Locks(sessions, 0.0 if entrance is None else entrance.lock_after_s, streams.stir_session)
    proofs = Proofs(Audience.OVERSIGHT.value, watch.now_ms)
    door = Door(sessions, Pairing(sessions, watch.now_ms, begun=proofs.proved), streams)
    api = litestar_app(
        [*ROUTES, *(second_desk.ROUTES if second is not None else ()), *(signing.ROUTES if entrance is not None else ())],
        door,
        guards=[guard(sessions, staff, NEEDS, locks=locks, open_to=OPEN | signing.ROUTES_OPEN)],
        locks=locks,
        **signing.services(door, entrance, locks, watch.now_ms, proofs),
        refusals={
            ReviewError: _refused,
            CopyError: _refused,
            SecondError: second_desk.refused,
            LookupError: _nothing,
            LedgerUnavailableError: _unwritten,
        },
        second=second,
        overseen=overseen,
        staff=staff,
        demo=demonstration,
    )
    return WebApp(api=api, streams=streams, tiles=None, static=Static(static), sessions=sessions, headers=headers)
