"""What one member of staff may not do alone: one asks, another one confirms. One table of deeds, one of states.

A deed is asked for with a reason, by an account whose role may, and is confirmed by an account that is another one and may confirm,
while the first one still may ask. Unconfirmed it runs out. What is confirmed is done at once, by whichever process took the
confirmation; what needs a folder or a file (an export, rows for research) is claimed with its number, once, by whoever asked. At the
command line ``--by`` is believed, so two steps there need two accounts of the machine as well; at the desk and in oversight a person
confirms with the session that a passkey began.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.identity.account import Account, Status
from jikimi.identity.roles import Role

MOST_REASON: Final = 300


class SecondError(ValueError):
    """A step is refused. The text is a sentence for whoever tried it."""


class Deed(enum.StrEnum):
    """What needs two."""

    UNPAIR_TAG = "unpair_tag"
    END_ORDER = "end_order"
    SUSPEND_ORDER = "suspend_order"
    EXPORT_HISTORY = "export_history"
    RESEARCH_ROWS = "research_rows"


class Step(enum.StrEnum):
    """What can be done about a request."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    DO = "do"
    FAIL = "fail"


class State(enum.StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DONE = "done"
    FAILED = "failed"
    """It was confirmed and could not be done any more; the reason stands beside it."""


MOVES: Final[Mapping[State, Mapping[Step, State]]] = {
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
    """

    asks: frozenset[Role]
    confirms: frozenset[Role]
    asked_s: float
    claimed_s: float | None = None


_DAY_S: Final = 86_400.0
_OFFICERS: Final = frozenset({Role.SUPERVISOR, Role.TAG_OFFICER})
_OVERSEERS: Final = frozenset({Role.AUDITOR, Role.DATA_PROTECTION})
_READERS: Final = frozenset({Role.SUPERVISOR, Role.COURT, Role.AUDITOR, Role.DATA_PROTECTION})

RULES: Final[Mapping[Deed, Rule]] = {
    Deed.UNPAIR_TAG: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.END_ORDER: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.SUSPEND_ORDER: Rule(asks=_OFFICERS, confirms=_OFFICERS, asked_s=_DAY_S),
    Deed.EXPORT_HISTORY: Rule(asks=_READERS, confirms=_READERS, asked_s=3 * _DAY_S, claimed_s=_DAY_S),
    Deed.RESEARCH_ROWS: Rule(asks=_OVERSEERS, confirms=_OVERSEERS, asked_s=3 * _DAY_S, claimed_s=_DAY_S),
}
"""A day: a second person is on the next shift at the latest. Three for what leaves the house, which may be confirmed after a weekend."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One deed that was asked for. Requests are numbered from 1 and never deleted.

    Attributes:
        number: the request's.
        deed: what is asked for.
        target: what it is done to: a device, an order, whose history it is, or the number of an agreement on research.
        order_id: the order behind it, or None.
        detail: how it is to be done, where there are several ways (``revoke``, ``acquit``, ``dismiss``); None otherwise.
        asked_by, asked_ms, reason: who asked, when and why.
        shell: the account of the machine that asked, where a command line did.
        until_ms: when it runs out unless something happens.
        state: where it stands.
        settled_by, settled_ms: who confirmed or refused it, and when; None before.
        word: why it was refused, or could not be done; None otherwise.
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
    state: State = State.ASKED
    settled_by: str | None = None
    settled_ms: int | None = None
    word: str | None = None


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


def check_settle(account: Account | None, request: Request, shell: str | None) -> None:
    """Raise unless an account may confirm or refuse a request; ``shell`` is the machine's account at a command line, or None at the desk.

    Raises:
        SecondError: it may not, or it asked itself.
    """
    if account is not None and account.name == request.asked_by:
        raise SecondError("Whoever asked cannot be the second person as well; ask a colleague.")
    if shell is not None and shell == request.shell:
        raise SecondError("This was asked for from the same account of this machine: confirm it at the desk, or from another one.")
    if not may_confirm(account, request.deed):
        raise SecondError(f"Only an active account of these roles may confirm or refuse this: {_roles(RULES[request.deed].confirms)}.")


def moved(request: Request, step: Step, *, at_ms: int, by: str | None = None, word: str | None = None) -> Request:
    """Return a request after a step.

    Raises:
        SecondError: it stands where that step does not lead on.
    """
    state = MOVES[request.state].get(step)
    if state is None:
        raise SecondError(f"This request is {request.state} already.")
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
