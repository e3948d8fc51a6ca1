"""What one member of staff may not do alone: one asks, another one confirms. One table of deeds, one of states.

A person counts only in front of a screen: signed in to an account, and proved anew within the last minutes. A deed is asked for with
a reason, by an account whose role may, and is confirmed by an account that is another one and may confirm, while the first one still
may ask. A command line believes ``--by``, so it counts nobody: what it proposes waits until one account adopts it as its own at a
screen, and then for the second one like everything else. Unconfirmed it runs out. What is confirmed is done at once, by the server
that took the confirmation; what needs a folder or a file (an export, rows for research) is claimed with its number, once, by whoever
asked or adopted.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.identity.account import Account, Status
from jikimi.identity.roles import Role

MOST_REASON: Final = 300
FRESH_MS: Final = 5 * 60_000
"""So long a proof (passkey, single sign-on that asked anew, code) counts for steps of two persons: time to read, not to leave the room."""


class SecondError(ValueError):
    """A step is refused. The text is a sentence for whoever tried it."""


class NotFreshError(SecondError):
    """Whoever sits there must prove again who it is."""

    def __init__(self) -> None:
        super().__init__("Prove once more that it is you; then try again.")


class Present(msgspec.Struct, frozen=True):
    """Somebody in front of a signed-in screen.

    Attributes:
        name: the session's account.
        audience: whose app it is (``desk``, ``oversight``, ``court``).
        proved_ms: when this session last proved whose it is; None where that is not known.
    """

    name: str
    audience: str
    proved_ms: int | None


class Deed(enum.StrEnum):
    """What needs two."""

    UNPAIR_TAG = "unpair_tag"
    """Believe a tag, or the gateway of many, no longer."""
    CUT_CREDENTIAL = "cut_credential"
    """Refuse the secret of a tag or gateway at once: it may have been stolen. Until it is given another one nobody sees the wearer."""
    RENEW_CREDENTIAL = "renew_credential"
    """Replace the secret of a tag or gateway; the earlier one is believed for the hours in the request's detail."""
    HOLD_RECORD = "hold_record"
    """Keep an order's record from being erased, by a court's word."""
    RELEASE_HOLD = "release_hold"
    """End such a hold early: what fell due is then erased."""
    END_ORDER = "end_order"
    SUSPEND_ORDER = "suspend_order"
    EXPORT_HISTORY = "export_history"
    RESEARCH_ROWS = "research_rows"
    END_AT_COURT = "end_at_court"
    """What a court does that ends or narrows an order in force. It is asked for and confirmed in the court's app."""


class Step(enum.StrEnum):
    """What can be done about a request."""

    ADOPT = "adopt"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    DO = "do"
    FAIL = "fail"


class State(enum.StrEnum):
    """Where a request stands."""

    PROPOSED = "proposed"
    """By a command line, which counts nobody: an account must make it its own first."""
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DONE = "done"
    FAILED = "failed"
    """It was confirmed and could not be done any more; the reason stands beside it."""


MOVES: Final[Mapping[State, Mapping[Step, State]]] = {
    State.PROPOSED: {Step.ADOPT: State.ASKED, Step.REFUSE: State.REFUSED, Step.EXPIRE: State.EXPIRED},
    State.ASKED: {
        Step.CONFIRM: State.CONFIRMED,
        Step.REFUSE: State.REFUSED,
        Step.WITHDRAW: State.WITHDRAWN,
        Step.EXPIRE: State.EXPIRED,
    },
    State.CONFIRMED: {Step.DO: State.DONE, Step.FAIL: State.FAILED, Step.EXPIRE: State.EXPIRED},
    State.REFUSED: {},
    State.WITHDRAWN: {},
    State.EXPIRED: {},
    State.DONE: {},
    State.FAILED: {},
}
OPEN: Final = frozenset(state for state, moves in MOVES.items() if moves)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who may ask for a deed and who may confirm it, and how long the question stands.

    Attributes:
        asks, confirms: roles.
        asked_s: so long a request waits for its second person.
        claimed_s: so long a confirmed one may be claimed; None where the server does it by itself, at once.
        one_of: roles of which one of the two must have one; empty where it does not matter.
    """

    asks: frozenset[Role]
    confirms: frozenset[Role]
    asked_s: float
    claimed_s: float | None = None
    one_of: frozenset[Role] = frozenset()


_DAY_S: Final = 86_400.0
_OFFICERS: Final = frozenset({Role.SUPERVISOR, Role.TAG_OFFICER})
_OVERSEERS: Final = frozenset({Role.AUDITOR, Role.DATA_PROTECTION})
_READERS: Final = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.DATA_PROTECTION})
_KEEPERS: Final = frozenset({Role.SUPERVISOR, Role.DATA_PROTECTION})
_COURT: Final = frozenset({Role.COURT, Role.COURT_CLERK})

RULES: Final[Mapping[Deed, Rule]] = {
    Deed.UNPAIR_TAG: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.CUT_CREDENTIAL: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.RENEW_CREDENTIAL: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.HOLD_RECORD: Rule(asks=_KEEPERS, confirms=_KEEPERS, asked_s=3 * _DAY_S),
    Deed.RELEASE_HOLD: Rule(asks=_KEEPERS, confirms=_KEEPERS, asked_s=3 * _DAY_S),
    Deed.END_ORDER: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.SUSPEND_ORDER: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.EXPORT_HISTORY: Rule(asks=_READERS, confirms=_READERS, asked_s=3 * _DAY_S, claimed_s=_DAY_S),
    Deed.RESEARCH_ROWS: Rule(asks=_OVERSEERS, confirms=_OVERSEERS, asked_s=3 * _DAY_S, claimed_s=_DAY_S),
    Deed.END_AT_COURT: Rule(asks=_COURT, confirms=_COURT, asked_s=3 * _DAY_S, one_of=frozenset({Role.COURT})),
}
"""A day: a second person is on the next shift at the latest. Three for what leaves the house, which may be confirmed after a weekend."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One deed that was asked for. Requests are numbered from 1 and never deleted.

    Attributes:
        number: the request's.
        deed: what is asked for.
        target: what it is done to: a device, an order, whose history it is, or the number of an agreement on research.
        order_id: the order behind it, or None.
        detail: how it is to be done: the way an order ends, hours of overlap, a hold's last day and court; None where there is one way.
        asked_by, asked_ms, reason: who asked, when and why; of what was only proposed, the name that was typed.
        shell: the account of the machine that proposed it, where a command line did.
        typed_by: the name that was typed there; None where it was asked at a screen.
        until_ms: when it runs out unless something happens.
        state: where it stands.
        settled_by, settled_ms: who confirmed or refused it, and when; None before.
        word: why it was refused, or could not be done; None otherwise.
        court: the court to which both must belong; None where it is no court's.
        sealed: what exactly is to be done, sealed to whom it concerns; None where that is not secret, or it is settled.
    """

    number: int
    deed: Deed
    target: str
    order_id: str | None
    detail: str | None
    asked_by: str
    asked_ms: int
    reason: str
    until_ms: int
    shell: str | None = None
    typed_by: str | None = None
    state: State = State.ASKED
    settled_by: str | None = None
    settled_ms: int | None = None
    word: str | None = None
    court: str | None = None
    sealed: bytes | None = None


def may_ask(account: Account | None, deed: Deed) -> bool:
    """Whether an account may ask for a deed."""
    return account is not None and _lives(account) and account.role in RULES[deed].asks


def may_confirm(account: Account | None, deed: Deed) -> bool:
    """Whether an account may confirm a deed that somebody else asked for."""
    return account is not None and _lives(account) and account.role in RULES[deed].confirms


def check_ask(account: Account | None, deed: Deed, reason: str) -> None:
    """Raise unless an account may ask for a deed, for this reason.

    Raises:
        SecondError: it may not, or the reason is none.
    """
    if not may_ask(account, deed):
        raise SecondError(f"Only an active account of these roles may ask for this: {_roles(RULES[deed].asks)}.")
    if not reason.strip() or len(reason) > MOST_REASON:
        raise SecondError(f"Say why, in 1 to {MOST_REASON} characters.")


def check_still(asker: Account | None, deed: Deed) -> None:
    """Raise unless whoever asked for a deed may still ask for it: a role that was lost meanwhile asks for nothing.

    Raises:
        SecondError: the account is disabled, locked, or has another role now.
    """
    if not may_ask(asker, deed):
        raise SecondError("Whoever asked for this may not ask for it any more; somebody who may asks anew.")


def check_fresh(present: Present, now_ms: int) -> None:
    """Raise unless somebody proved a moment ago who sits there.

    Raises:
        NotFreshError: it is too long ago, or not known.
    """
    if present.proved_ms is None or not 0 <= now_ms - present.proved_ms <= FRESH_MS:
        raise NotFreshError


def check_settle(account: Account | None, request: Request) -> None:
    """Raise unless an account may confirm or refuse what somebody else asked for.

    Raises:
        SecondError: it may not, or it asked itself.
    """
    if request.state is State.PROPOSED:
        return check_refuse_proposal(account, request.deed)
    if account is not None and account.name == request.asked_by:
        raise SecondError("Whoever asked cannot be the second person as well; ask a colleague.")
    if not may_confirm(account, request.deed):
        raise SecondError(f"Only an active account of these roles may confirm or refuse this: {_roles(RULES[request.deed].confirms)}.")
    return None


def check_refuse_proposal(account: Account | None, deed: Deed) -> None:
    """Raise unless an account may refuse what a command line proposed: whoever could adopt or confirm it may.

    Raises:
        SecondError: it may not.
    """
    if not (may_ask(account, deed) or may_confirm(account, deed)):
        raise SecondError(f"Only an active account of these roles may refuse this: {_roles(RULES[deed].asks | RULES[deed].confirms)}.")


def adopted(request: Request, present: Present, account: Account | None, now_ms: int) -> Request:
    """Return what a command line proposed as the request of whoever adopts it: from now on as if asked at that screen.

    Raises:
        SecondError: it waits for something else, or the account may not ask for it, or proved nothing lately.
    """
    check_ask(account, request.deed, request.reason)
    check_fresh(present, now_ms)
    return moved(request, Step.ADOPT, at_ms=now_ms, by=present.name)


def confirmed(request: Request, present: Present, account: Account | None, asker: Account | None, now_ms: int) -> Request:
    """Return a request that its second person confirms.

    Raises:
        SecondError: nobody asked for it yet, the account may not or asked itself, the first one may not ask any more, or nothing was
            proved lately.
    """
    if request.state is State.PROPOSED:
        raise SecondError("This was proposed at a command line, which counts nobody: one account makes it its own, another one confirms.")
    check_settle(account, request)
    check_still(asker, request.deed)
    check_both(asker, account, request)
    if request.shell is not None and request.typed_by is None:
        raise SecondError("This was asked for at a command line before two screens were needed: refuse it, and ask anew.")
    check_fresh(present, now_ms)
    return moved(request, Step.CONFIRM, at_ms=now_ms, by=present.name)


def check_both(asker: Account | None, account: Account | None, request: Request) -> None:
    """Raise unless whoever asked and whoever confirms are together the two whom the rule means.

    Raises:
        SecondError: neither has the role that one of both must have, or one of them does not belong to the court.
    """
    both = [one for one in (asker, account) if one is not None]
    one_of = RULES[request.deed].one_of
    if one_of and one_of.isdisjoint(one.role for one in both):
        raise SecondError("One of the two must be a judge.")
    if request.court is not None and any(request.court not in one.courts for one in both):
        raise SecondError("Both must belong to the court.")


def moved(request: Request, step: Step, *, at_ms: int, by: str | None = None, word: str | None = None) -> Request:
    """Return a request after a step.

    Raises:
        SecondError: it stands where that step does not lead on.
    """
    state = MOVES[request.state].get(step)
    if state is None:
        raise SecondError(f"This request is {request.state} already.")
    if step is Step.ADOPT and by is not None:
        until_ms = at_ms + int(RULES[request.deed].asked_s * 1_000)
        return msgspec.structs.replace(request, state=state, asked_by=by, asked_ms=at_ms, until_ms=until_ms)
    if step is Step.CONFIRM:
        claimed_s = RULES[request.deed].claimed_s
        until_ms = request.until_ms if claimed_s is None else at_ms + int(claimed_s * 1_000)
        return msgspec.structs.replace(request, state=state, settled_by=by, settled_ms=at_ms, until_ms=until_ms)
    if step is Step.REFUSE:
        return msgspec.structs.replace(request, state=state, settled_by=by, settled_ms=at_ms, word=word)
    return msgspec.structs.replace(request, state=state, word=word if word is not None else request.word)


def is_over(request: Request, now_ms: int) -> bool:
    """Whether time has run out for a request: unconfirmed, or confirmed and not claimed. What the server does by itself never runs out."""
    if request.state is State.CONFIRMED and RULES[request.deed].claimed_s is None:
        return False
    return request.state in OPEN and request.until_ms <= now_ms


def _lives(account: Account) -> bool:
    return account.status is Status.ACTIVE


def _roles(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(role.value.replace("_", " ") for role in roles))
