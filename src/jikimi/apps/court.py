"""The court's app: petitions of the courts to which the account belongs, and what is decided about them.

An app of its own, with its own port, cookie and rights. It shows no position and knows no way to one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps import signing
from jikimi.apps.api import Door, RefusedError, litestar_app, read_as
from jikimi.apps.docket import Case, Change, Decision, Docket, DocketError, Inbox, Line, LockedError, Names, OrderLine, Practice, Preview
from jikimi.apps.locking import Locks
from jikimi.apps.pairing import Pairing
from jikimi.apps.ports import Change as PairChange
from jikimi.apps.ports import Watch
from jikimi.apps.proofs import Proofs
from jikimi.apps.register import Register
from jikimi.apps.rights import OPEN, Needs, Staff, entitled, guard
from jikimi.apps.second_desk import refused as not_confirmed
from jikimi.apps.security import headers_for
from jikimi.apps.session import Sessions, Signed
from jikimi.apps.signing import Entrance
from jikimi.apps.static import Static
from jikimi.apps.stream import Streams
from jikimi.apps.web import STATIC, WebApp
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.identity.roles import Right
from jikimi.identity.second import SecondError, Step
from jikimi.model.petition import Texts
from jikimi.petitions.status import Act

_encode = msgspec.json.Encoder().encode
_NAME = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_NOT_JUDGED: Final = frozenset({Act.HEAR, Act.RETURN, Act.TELL, Act.WITHDRAW, Act.APPEAL})
"""What a clerk may record. The rest is for who decides."""
_JUDGED: Final = frozenset({Act.REFUSE_INTERIM, Act.AFFIRM, Act.REVERSE})
_SETTLES: Final = frozenset({Step.CONFIRM, Step.REFUSE, Step.WITHDRAW})
_DECISIONS: Final = frozenset({Act.GRANT_INTERIM, Act.GRANT, Act.GRANT_IN_PART, Act.REFUSE})

NEEDS: Final[Needs] = {
    ("GET", "/api/me"): Right.SEE_COURT,
    ("GET", "/api/inbox"): Right.SEE_COURT,
    ("POST", "/api/case"): Right.SEE_COURT,
    ("POST", "/api/exhibit"): Right.SEE_COURT,
    ("POST", "/api/practice"): Right.SEE_COURT,
    ("POST", "/api/act"): Right.KEEP_DOCKET,
    ("POST", "/api/draft"): Right.DECIDE_PETITIONS,
    ("POST", "/api/preview"): Right.DECIDE_PETITIONS,
    ("POST", "/api/decide"): Right.DECIDE_PETITIONS,
    ("POST", "/api/change"): Right.DECIDE_PETITIONS,
    ("POST", "/api/second"): Right.ACT_IN_TWO,
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


class PetitionBody(msgspec.Struct, frozen=True):
    """Which petition of which court."""

    court: _NAME
    number: _NAME


class ExhibitBody(PetitionBody, frozen=True):
    """Which exhibit of it."""

    name: _NAME


class PracticeBody(msgspec.Struct, frozen=True):
    """On which form a court's practice is asked."""

    court: _NAME
    form_id: _NAME


class ActBody(PetitionBody, frozen=True):
    """What was done about it: ``at_ms``, the hearing, or when it was so; ``detail``: in words."""

    act: Act
    at_ms: int | None = None
    detail: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


class DraftBody(PetitionBody, frozen=True):
    """Which decision is to be drafted."""

    act: Act


class DecisionBody(PetitionBody, frozen=True):
    """A decision as it shall be made."""

    decision: Decision


class SecondBody(PetitionBody, frozen=True):
    """What becomes of a colleague's proposal, or of one's own: ``step`` is ``confirm``, ``refuse`` or ``withdraw``."""

    request: int
    step: Step
    reason: Annotated[str, msgspec.Meta(max_length=4_000)] = ""


class ChangeBody(PetitionBody, frozen=True):
    """What becomes of an order."""

    change: Change


_petition_body = msgspec.json.Decoder(PetitionBody)
_exhibit_body = msgspec.json.Decoder(ExhibitBody)
_practice_body = msgspec.json.Decoder(PracticeBody)
_act_body = msgspec.json.Decoder(ActBody)
_draft_body = msgspec.json.Decoder(DraftBody)
_decision_body = msgspec.json.Decoder(DecisionBody)
_change_body = msgspec.json.Decoder(ChangeBody)
_second_body = msgspec.json.Decoder(SecondBody)
_SHAPE: Final = 'a JSON object with "court" and "number"'
_DECISION_SHAPE: Final = 'a JSON object with "court", "number" and "decision"'
_MEDIA: Final = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")


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

    def event(self, change: PairChange) -> None:
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


class Bench:
    """The docket as one account may use it: of its own courts, and as far as its role goes.

    Args:
        docket: the petitions.
        staff: who belongs to which court, and may do what.
    """

    def __init__(self, docket: Docket, staff: CourtStaff) -> None:
        self._docket = docket
        self._staff = staff

    async def at(self, signed: Signed, court: str) -> Docket:
        """Return the docket for a court of the account.

        Raises:
            RefusedError: the account does not belong to it. Whether there is such a court at all is not told.
        """
        if court not in await self._staff.courts(signed.subject):
            raise RefusedError(403, "no_court", "Your account does not belong to this court.")
        return self._docket

    async def inboxes(self, signed: Signed) -> list[Inbox]:
        """Return what waits at each court of the account."""
        return [await self._docket.inbox(court) for court in await self._staff.courts(signed.subject)]

    async def check_act(self, signed: Signed, act: Act) -> None:
        """Raise unless the account may record this.

        Raises:
            RefusedError: it is a decision, which has a way of its own, or is for a judge.
        """
        if act in _JUDGED and Right.DECIDE_PETITIONS in await self._staff.rights(signed.subject):
            return
        if act not in _NOT_JUDGED:
            raise RefusedError(403, "no_right", "Your role does not allow this.")


@get("/api/inbox")
async def inbox(signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> list[Inbox]:
    """Return the petitions of the account's courts."""
    return await bench.inboxes(signed)


@post("/api/case", status_code=200)
async def case(request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> Case:
    """Open a petition. That it was opened is in the ledger before it is answered."""
    asked = await read_as(request, _petition_body, _SHAPE)
    return await (await bench.at(signed, asked.court)).case(asked.court, asked.number, signed.subject)


@post("/api/exhibit", status_code=200)
async def exhibit(request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> Response[bytes]:
    """Return an exhibit as a file. A browser never shows it as a page of ours, whatever it says that it is."""
    asked = await read_as(request, _exhibit_body, 'a JSON object with "court", "number" and "name"')
    docket = await bench.at(signed, asked.court)
    media_type, body = await docket.exhibit(asked.court, asked.number, asked.name, signed.subject)
    kind = media_type if _MEDIA.fullmatch(media_type) else "application/octet-stream"
    return Response(body, media_type=kind, headers={"content-disposition": "attachment"})


@post("/api/practice", status_code=200)
async def practice(request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> Practice:
    """Return how often what was decided, here and elsewhere."""
    asked = await read_as(request, _practice_body, 'a JSON object with "court" and "form_id"')
    return await (await bench.at(signed, asked.court)).practice(asked.court, asked.form_id)


@post("/api/act", status_code=200)
async def act(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench], proofs: NamedDependency[Proofs]
) -> Line:
    """Record something that is no decision."""
    asked = await read_as(request, _act_body, 'a JSON object with "court", "number", "act", and if wanted "at_ms" and "detail"')
    docket = await bench.at(signed, asked.court)
    await bench.check_act(signed, asked.act)
    return await docket.act(asked.court, asked.number, asked.act, proofs.present(signed), at_ms=asked.at_ms, detail=asked.detail.strip())


@post("/api/draft", status_code=200)
async def draft(request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> Decision:
    """Return a decision drafted from the form's template."""
    asked = await read_as(request, _draft_body, 'a JSON object with "court", "number" and "act"')
    docket = await bench.at(signed, asked.court)
    _check_decision(asked.act)
    return await docket.draft(asked.court, asked.number, asked.act, signed.subject)


@post("/api/preview", status_code=200)
async def preview(request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench]) -> Preview:
    """Return exactly what a decision would do."""
    asked = await read_as(request, _decision_body, _DECISION_SHAPE)
    docket = await bench.at(signed, asked.court)
    _check_decision(asked.decision.act)
    return await docket.preview(asked.court, asked.number, asked.decision, signed.subject)


@post("/api/decide", status_code=200)
async def decide(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench], proofs: NamedDependency[Proofs]
) -> Line:
    """Make a decision."""
    asked = await read_as(request, _decision_body, _DECISION_SHAPE)
    docket = await bench.at(signed, asked.court)
    _check_decision(asked.decision.act)
    return await docket.decide(asked.court, asked.number, asked.decision, proofs.present(signed))


@post("/api/change", status_code=200)
async def change(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench], proofs: NamedDependency[Proofs]
) -> OrderLine:
    """Extend, widen, shorten or end an order that came of a petition."""
    asked = await read_as(request, _change_body, 'a JSON object with "court", "number" and "change"')
    return await (await bench.at(signed, asked.court)).change(asked.court, asked.number, asked.change, proofs.present(signed))


@post("/api/second", status_code=200)
async def second(
    request: Request[Any, Any, Any], signed: NamedDependency[Signed], bench: NamedDependency[Bench], proofs: NamedDependency[Proofs]
) -> Line:
    """Be the second person for what a colleague proposed, or take one's own proposal back."""
    asked = await read_as(request, _second_body, 'a JSON object with "court", "number", "request", "step", and to refuse "reason"')
    docket = await bench.at(signed, asked.court)
    if asked.step not in _SETTLES:
        raise RefusedError(400, "unreadable", f"A step is one of {', '.join(sorted(_SETTLES))}.")
    return await docket.second(asked.court, asked.number, asked.request, asked.step, proofs.present(signed), reason=asked.reason.strip())


def _check_decision(asked: Act) -> None:
    if asked not in _DECISIONS:
        raise RefusedError(400, "unreadable", f"A decision is one of {', '.join(sorted(_DECISIONS))}.")


def _refused(_request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": "refused", "message": str(error)}, status_code=409, media_type="application/json")


def _locked(_request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    return Response({"error": "key_missing", "message": str(error)}, status_code=409, media_type="application/json")


def _nothing(_request: Request[Any, Any, Any], _error: Exception) -> Response[dict[str, str]]:
    body = {"error": "not_found", "message": "This court has no petition of that number."}
    return Response(body, status_code=404, media_type="application/json")


def _unwritten(_request: Request[Any, Any, Any], _error: Exception) -> Response[dict[str, str]]:
    """Nothing is opened or done that could not be written down."""
    body = {"error": "not_stored", "message": "The ledger cannot be written, so nothing was opened or done."}
    return Response(body, status_code=503, media_type="application/json", headers={"retry-after": "2"})


ROUTES: Final = [me, inbox, case, exhibit, practice, act, draft, preview, decide, change, second]


def court_app(
    watch: Watch,
    register: Register,
    staff: CourtStaff,
    *,
    docket: Docket,
    named: Names,
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
        docket: the petitions.
        named: the courts' names by language.
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
    streams = Streams(watch, sessions, lambda _signed: CourtTeller(docket.number), headers)
    locks = Locks(sessions, 0.0 if entrance is None else entrance.lock_after_s, streams.stir_session)
    proofs = Proofs(Audience.COURT.value, watch.now_ms)
    door = Door(sessions, Pairing(sessions, watch.now_ms, begun=proofs.proved), streams)
    api = litestar_app(
        [*ROUTES, *(signing.ROUTES if entrance is not None else ())],
        door,
        guards=[guard(sessions, staff, NEEDS, locks=locks, open_to=OPEN | signing.ROUTES_OPEN)],
        locks=locks,
        **signing.services(door, entrance, locks, watch.now_ms, proofs),
        refusals={
            LockedError: _locked,
            DocketError: _refused,
            SecondError: not_confirmed,
            LookupError: _nothing,
            LedgerUnavailableError: _unwritten,
        },
        bench=Bench(docket, staff),
        staff=staff,
        named=named,
        demo=demonstration,
    )
    return WebApp(api=api, streams=streams, tiles=None, static=Static(static), sessions=sessions, headers=headers)
