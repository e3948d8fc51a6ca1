"""The gate: the one place that decides whether, to whom and how much of a position leaves for human eyes.

A pure function: who asks, for which purpose, under which order, what is believed now, and what was open before. Every
condition under which coordinates leave stands here; ``frames`` only copies what an ``Opening`` allows. The purposes are a closed
list, and each policy says which of them its law knows.

Her app: his position opens by her policy's rules (inside a ring while an alarm lasts, by a person at the desk, always, or never), and
closes by itself: with the alarm, and when she did not renew it.

Those who bring help, the desk, an agency's system and an officer, see both sides while an incident calls for somebody: on her call, while
an alarm lasts (an alarm is an incident from its first moment, before anybody wrote one down), and while an incident of the two is open.
Without one they see neither. Not hers: it is hidden in quiet times. Nor his, though he is near or unseen: they are told the distance
between the two as well, and whoever has that and his way has her place. What they have instead is what there is to decide at that
tier: how far, how soon, who comes, and when each was heard last. A tag that was never heard opens nothing by that.

Nobody sees anything now once the order has ended. An investigator sees nothing now at all, and of a past time what a court permitted,
until it ends. A whole record leaves by two accounts. Of both it is the time in which the order held, and the answer holds the proof
without which nothing that was kept can be read (``proof``).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from jikimi.disclosure.held import Held
from jikimi.disclosure.proof import Proof, prove
from jikimi.model.access import Grant, Permission, Purpose, Urgency
from jikimi.model.decision import PairView, SideView, Tier
from jikimi.model.fix import Source
from jikimi.model.order import Order, Pair
from jikimi.model.policy import MapView, PairRules, Policy
from jikimi.orders.project import Span

LOOK_MS: Final = 10_000
"""An open view is looked at least this often; a reason that ended between two looks ended no later than this after the first."""

VALID_S: Final = 30.0
"""A screen that hears nothing for so long drops every position, whatever the gate said last."""


class Audience(enum.StrEnum):
    """Whose screen it is."""

    PROTECTED = "protected"
    DESK = "desk"
    RESPONDER = "responder"
    """The system of an agency that was asked to send somebody."""
    INVESTIGATOR = "investigator"
    """Who reads positions of a past time by a court's permission."""
    RECORD = "record"
    """Who is handed an order's or a person's whole record."""
    OVERSIGHT = "oversight"
    """Who looks at those who look. No purpose shows a position there."""
    FIELD = "field"
    """The telephone of an officer who was sent."""
    COURT = "court"
    """A judge or a clerk before petitions. No purpose shows a position there."""
    HELPER = "helper"
    """Somebody whom she invited to her petition. No purpose shows a position there."""


class Scope(enum.IntEnum):
    """How much may be shown. A higher one holds the lower ones."""

    NONE = 0
    WORDS = 1
    MAP = 2
    HISTORY = 3
    """Positions of a past time, of one person, as a court permitted."""


class Ground(enum.StrEnum):
    """Why a map is open."""

    CONTINUOUS = "continuous"
    INSIDE_RING = "inside_ring"
    CLOSING = "closing"
    """The reason ended a moment ago; the view stays open for the policy's ``close_after_s``."""
    TIER = "tier"
    """An alarm lasts: warning or danger."""
    SOS = "sos"
    INCIDENT = "incident"
    """An incident of the two is open in which somebody must be found."""
    OPERATOR = "operator"
    """A person at the desk opened it to her, with a reason."""
    COURT_PERMISSION = "court_permission"
    EMERGENCY = "emergency"
    """A court's permission is to follow; without it the copy is erased."""
    TWO = "two"
    """Two accounts stand for it."""


class Closed(enum.StrEnum):
    """Why a map is closed."""

    OUTSIDE_RING = "outside_ring"
    POLICY = "policy"
    """The policy never opens it; or no order or purpose stands behind it."""
    NO_ALARM = "no_alarm"
    """Nobody is near enough for an alarm."""
    NO_INCIDENT = "no_incident"
    """To those who bring help: nothing calls for somebody to be found."""
    NOT_RENEWED = "not_renewed"
    """It was open for as long as the policy allows; whoever looks may renew it."""
    TERMS = "terms"
    """She accepted no terms yet: words and alarms are hers all the same, his position is not."""
    LOCKED = "locked"
    """Her page has not proved that she is in front of it: her app lock, or the passkey of her phone."""
    PASSKEY = "passkey"
    """Her policy asks that she binds her phone by a passkey first, and she has not."""
    NO_PERMISSION = "no_permission"
    """No court permitted it, or what it permitted has ended."""
    OUTSIDE_ORDER = "outside_order"
    """The past time that is asked for is not the order's."""
    ALONE = "alone"
    """Nobody else stands for it."""
    NO_POSITION = "no_position"
    NO_RECORD = "no_record"
    """It would be open, but that could not be written down; see ``viewer``."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for what.

    Attributes:
        audience: whose screen.
        subject: the person or staff member in front of it.
        purpose: what for.
        pair: the pair asked about; None where it is about a past time.
        order: the order behind it as the register has it now; None when it has none.
        permission: a court's, or the emergency that waits for one; for an investigation only.
        held: when the order held; for a past time only.
        second: who else stands for it; for a whole record only.
    """

    audience: Audience
    subject: str
    purpose: Purpose
    pair: Pair | None
    order: Order | None
    permission: Permission | None = None
    held: Held | None = None
    second: str | None = None


class OpenState(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate remembers of one pair for one viewer.

    Attributes:
        held_ms: when a reason to open last held, or None while none did.
        ended_ms: when that reason was found ended; None while it holds.
        alarm_ms: when the running alarm (warning or danger) began; None without one.
        shown_ms: since when her view is open, or from when it may be shown again; None while no reason holds.
        tier: the worst tier since then: one that is worse still renews the view.
        towards_ms: since when she goes towards him while she sees him; ``TOLD`` once that was told, None while she does not. The viewer's.
    """

    held_ms: int | None = None
    ended_ms: int | None = None
    alarm_ms: int | None = None
    shown_ms: int | None = None
    tier: Tier = Tier.CLEAR
    towards_ms: int | None = None


TOLD: Final = -1
NOTHING_OPEN: Final = OpenState()


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown now.

    Attributes:
        scope: the most that may be shown.
        words: True when distance and direction may be told.
        fresh: False when the last fix is too old for a direction or a movement to mean anything.
        ground, closed: why the map is open, or why it is closed; exactly one is set.
        monitored, protected: which side's position may be given.
        trail_since_ms: from when on his way may be given; None for no trail.
        until_ms: when time alone makes this opening narrower, at the latest; None without an order.
        state: to be passed in next time.
        proof: what of a past time may be read; None where nothing may.
    """

    scope: Scope
    words: bool
    fresh: bool
    ground: Ground | None
    closed: Closed | None
    monitored: bool
    protected: bool
    trail_since_ms: int | None
    until_ms: int | None
    state: OpenState
    proof: Proof | None = None


PURPOSES: Final[Mapping[Audience, Purpose]] = MappingProxyType(
    {
        Audience.PROTECTED: Purpose.OWN_SAFETY,
        Audience.DESK: Purpose.RESPONSE,
        Audience.RESPONDER: Purpose.RESPONSE,
        Audience.INVESTIGATOR: Purpose.INVESTIGATION,
        Audience.RECORD: Purpose.EXPORT,
        Audience.FIELD: Purpose.RESPONSE,
    }
)
"""The one purpose each audience may have."""

RESPONSE: Final = frozenset({Audience.DESK, Audience.RESPONDER, Audience.FIELD})
"""Those who bring help: they see both sides, while there is a ground for it."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a ground may rest on.

    Attributes:
        view, policy: what is believed of the pair, and its policy.
        sos: whether her call for help stands.
        incident: whether an incident of the two is open in which somebody must be found.
        granted: whether a view of him that a person at the desk opened to her lasts.
    """

    view: PairView
    policy: Policy
    sos: bool
    incident: bool
    granted: bool


def _is_alarm(facts: Facts) -> bool:
    return facts.view.tier >= Tier.WARNING


def _is_always(facts: Facts) -> bool:
    return facts.policy.view.map_view is MapView.CONTINUOUS


def _is_granted(facts: Facts) -> bool:
    """A person judged that she must see him; from ``watch`` on, for whoever judges may see more than the rule."""
    policy = facts.policy
    may = policy.view.map_view is MapView.INSIDE_RING and policy.access.urgency is not Urgency.RULE
    return may and facts.granted and facts.view.tier >= Tier.WATCH


def _is_inside(facts: Facts) -> bool:
    policy, low_m = facts.policy, facts.view.low_m
    may = policy.view.map_view is MapView.INSIDE_RING and policy.access.urgency is not Urgency.OPERATOR
    return may and _is_alarm(facts) and low_m is not None and low_m <= policy.view.map_ring_m


def _is_called(facts: Facts) -> bool:
    return facts.sos


def _is_incident(facts: Facts) -> bool:
    return facts.incident


Grounds = tuple[tuple[Ground, Callable[[Facts], bool]], ...]
_HELP: Final[Grounds] = ((Ground.SOS, _is_called), (Ground.TIER, _is_alarm), (Ground.INCIDENT, _is_incident))
GROUNDS: Final[Mapping[Audience, Grounds]] = MappingProxyType(
    {
        Audience.PROTECTED: ((Ground.CONTINUOUS, _is_always), (Ground.OPERATOR, _is_granted), (Ground.INSIDE_RING, _is_inside)),
        **dict.fromkeys(sorted(RESPONSE), _HELP),
    }
)
"""What opens a map to whom: the first that holds is the ground. Whoever does not stand here sees none."""


def ground_of(audience: Audience, facts: Facts) -> Ground | None:
    """Return what opens a map to an audience now, or None."""
    return next((ground for ground, holds in GROUNDS.get(audience, ()) if holds(facts)), None)


def decide(
    request: Asking,
    view: PairView | None,
    policy: Policy,
    *,
    sos: bool = False,
    incident: bool = False,
    grant: Grant | None = None,
    renewed_ms: int | None = None,
    accepted: bool = True,
    state: OpenState,
    now_ms: int,
) -> Opening:
    """Return what the one who asks may see of a pair, or of a person's past.

    Args:
        request: who asks.
        view: what is believed of the pair; holds coordinates. None where it is about a past time.
        policy: the order's policy.
        sos: whether an SOS of the protected person stands.
        incident: whether an incident of the two is open in which somebody must be found.
        grant: the view of him that a person at the desk opened to her, or None.
        renewed_ms: when she last renewed her view, or None.
        accepted: whether she accepted the terms of her law, or it has none.
        state: what the last answer returned, ``NOTHING_OPEN`` at first.
        now_ms: the time.
    """
    if PURPOSES.get(request.audience) is not request.purpose or request.purpose not in policy.access.purposes:
        return _shut(Closed.POLICY)
    if request.purpose is Purpose.INVESTIGATION:
        return _for_investigation(request, now_ms)
    if request.purpose is Purpose.EXPORT:
        return _for_export(request, now_ms)
    if view is None or not _entitled(request, view, now_ms):
        return _shut(Closed.POLICY)
    state = _remembered(state, view)
    facts = Facts(view=view, policy=policy, sos=sos, incident=incident, granted=grant is not None and now_ms < grant.until_ms)
    if request.audience in RESPONSE:
        return _for_response(request, facts, state, now_ms)
    opening = _for_her(request, facts, grant, renewed_ms, state, now_ms)
    return opening if accepted else barred(opening, Closed.TERMS)


def barred(opening: Opening, why: Closed | None) -> Opening:
    """Return an opening to her without his position, where it would have been open; None: nothing stands in the way."""
    if why is None or opening.ground is None:
        return opening
    return msgspec.structs.replace(withheld(opening), closed=why)


def _for_investigation(request: Asking, now_ms: int) -> Opening:
    """Judge for an investigator: what a court permitted of this order to this officer, and nothing of now."""
    held, permission = request.held, request.permission
    if held is None or permission is None or now_ms >= permission.until_ms:
        return _shut(Closed.NO_PERMISSION)
    spans = held.spans.get(permission.person_id)
    if permission.order_id != held.order_id or permission.officer != request.subject or not spans:
        return _shut(Closed.NO_PERMISSION)
    pieces = held.within(permission.person_id, permission.from_ms, permission.to_ms)
    if not spans[0].from_ms <= permission.from_ms < permission.to_ms <= spans[-1].until_ms or not pieces:
        return _shut(Closed.OUTSIDE_ORDER)
    is_his = permission.person_id in held.monitored
    ground = Ground.EMERGENCY if permission.number is None else Ground.COURT_PERMISSION
    return _of_the_past(ground, prove({permission.person_id: pieces}), is_his, not is_his, permission.until_ms)


def _for_export(request: Asking, now_ms: int) -> Opening:
    """Judge for who is handed a whole record: all the time in which the order held until now, this once."""
    if request.held is None:
        return _shut(Closed.POLICY)
    if request.second is None or request.second == request.subject:
        return _shut(Closed.ALONE)
    proof = prove({name: request.held.within(name, 0, now_ms + 1) for name in request.held.spans})
    return _of_the_past(Ground.TWO, proof, True, True, now_ms)


def _of_the_past(ground: Ground, proof: Proof, monitored: bool, protected: bool, until_ms: int) -> Opening:
    return msgspec.structs.replace(
        _shut(Closed.NO_PERMISSION),
        scope=Scope.HISTORY,
        ground=ground,
        closed=None,
        monitored=monitored,
        protected=protected,
        until_ms=until_ms,
        proof=proof,
    )


def of_one(proofs: Iterable[Proof], person_id: str) -> Proof:
    """Return what several openings together let be read of one person, and of nobody else."""
    return prove({person_id: [span for one in proofs for span in one.pieces(person_id)]})


def of_all(proofs: Iterable[Proof]) -> Proof:
    """Return what several openings together let be read."""
    proofs = list(proofs)
    return prove({name: [span for one in proofs for span in one.pieces(name)] for one in proofs for name in one.persons})


def unseen(person_ids: Iterable[str], from_ms: int, until_ms: int) -> Proof:
    """Return a proof for a reading that no eyes see: what was imported is hashed, and the hash held against the record's."""
    return prove({name: [Span(from_ms, until_ms)] for name in person_ids})


def withheld(opening: Opening) -> Opening:
    """Return the opening without its map: what may be shown when it could not be written down."""
    return msgspec.structs.replace(
        opening,
        scope=Scope.WORDS if opening.words else Scope.NONE,
        ground=None,
        closed=Closed.NO_RECORD,
        monitored=False,
        protected=False,
        trail_since_ms=None,
    )


def pinned(side: SideView, rules: PairRules) -> bool:
    """Return whether a side is known well enough for a pin; else only its circle may be drawn."""
    return side.source is not Source.CELL and side.error_m <= rules.vague_error_m


def valid_s(opening: Opening, now_ms: int) -> float:
    """Return for how many seconds a screen may keep what it was shown without hearing again."""
    if opening.until_ms is None:
        return 0.0
    return min(VALID_S, max(0.0, (opening.until_ms - now_ms) / 1000.0))


def in_force(order: Order | None, now_ms: int) -> bool:
    """Return whether an order is in force."""
    return order is not None and order.from_ms <= now_ms < order.until_ms


def _entitled(request: Asking, view: PairView, now_ms: int) -> bool:
    """Check that an order in force, its pair and the right person stand behind the question."""
    order, pair = request.order, request.pair
    if order is None or pair is None or not in_force(order, now_ms):
        return False
    if view.pair_id != pair.pair_id or not view.order_id == pair.order_id == order.order_id:
        return False
    return request.audience in RESPONSE or request.subject == pair.owner_id


def _remembered(state: OpenState, view: PairView) -> OpenState:
    """Return the state with the running alarm's beginning: when the present tier began, if it is the first one seen."""
    if view.tier < Tier.WARNING:
        return msgspec.structs.replace(state, alarm_ms=None)
    if state.alarm_ms is None:
        return msgspec.structs.replace(state, alarm_ms=view.since_ms)
    return state


def _for_her(request: Asking, facts: Facts, grant: Grant | None, renewed_ms: int | None, state: OpenState, now_ms: int) -> Opening:
    view, policy = facts.view, facts.policy
    ground, state = _her_ground(facts, state, now_ms)
    state = _renewed(state, view, ground, renewed_ms, now_ms)
    expired = ground not in (None, Ground.CONTINUOUS) and now_ms >= _renew_ms(policy, state)
    shown = None if expired else ground
    words = _tellable(view, policy) and (ground is not None or _near_enough(view, policy.view.words_ring_m))
    monitored = shown is not None and _young(view.monitored, policy)
    if not monitored:
        # What was not on her screen is not held there: who turns up again far outside the ring opens nothing.
        state = msgspec.structs.replace(state, held_ms=None, ended_ms=None)
        closed = Closed.NOT_RENEWED if expired else _why_closed(view, policy) if ground is None else Closed.NO_POSITION
        return _opening(request, view, policy, words=words, closed=closed, state=state, now_ms=now_ms)
    protected = _young(view.protected, policy)
    return _opening(
        request, view, policy, words=words, ground=shown, monitored=True, protected=protected, grant=grant, state=state, now_ms=now_ms
    )  # fmt: skip


def _her_ground(facts: Facts, state: OpenState, now_ms: int) -> tuple[Ground | None, OpenState]:
    """Judge what opens his position to her, and the countdown after that ended."""
    ground = ground_of(Audience.PROTECTED, facts)
    if ground is Ground.CONTINUOUS:
        return ground, state
    if ground is not None:
        return ground, msgspec.structs.replace(state, held_ms=now_ms, ended_ms=None)
    return _closing(facts.view, facts.policy, state, now_ms)


def _renewed(state: OpenState, view: PairView, ground: Ground | None, renewed_ms: int | None, now_ms: int) -> OpenState:
    """Return the state with the moment from which the view's time counts: it opened, it was renewed, or the alarm grew worse."""
    if ground is None:
        return msgspec.structs.replace(state, shown_ms=None, tier=Tier.CLEAR)
    if state.shown_ms is None or view.tier > state.tier:
        return msgspec.structs.replace(state, shown_ms=now_ms, tier=view.tier)
    if renewed_ms is not None and renewed_ms > state.shown_ms:
        return msgspec.structs.replace(state, shown_ms=min(renewed_ms, now_ms))
    return state


def _renew_ms(policy: Policy, state: OpenState) -> int:
    """Return when her view closes for want of a renewal."""
    return (state.shown_ms or 0) + _ms(policy.access.renew_s)


def _near_enough(view: PairView, words_ring_m: float | None) -> bool:
    """Return whether words open: at every distance without a ring, else within it and only while the tier asks for attention."""
    if words_ring_m is None:
        return True
    return view.tier >= Tier.WATCH and view.low_m is not None and view.low_m <= words_ring_m


def _closing(view: PairView, policy: Policy, state: OpenState, now_ms: int) -> tuple[Ground | None, OpenState]:
    """Judge the countdown after a reason to open ended. When all is clear there is none."""
    if state.held_ms is None or view.tier < Tier.WATCH or policy.view.map_view is not MapView.INSIDE_RING:
        return None, msgspec.structs.replace(state, held_ms=None, ended_ms=None)
    ended_ms = state.ended_ms if state.ended_ms is not None else min(now_ms, state.held_ms + LOOK_MS)
    if now_ms < ended_ms + _ms(policy.view.close_after_s):
        return Ground.CLOSING, msgspec.structs.replace(state, ended_ms=ended_ms)
    return None, msgspec.structs.replace(state, held_ms=None, ended_ms=None)


def _why_closed(view: PairView, policy: Policy) -> Closed:
    if policy.view.map_view is MapView.NEVER:
        return Closed.POLICY
    if view.low_m is None:
        return Closed.NO_POSITION
    return Closed.NO_ALARM if view.tier < Tier.WARNING else Closed.OUTSIDE_RING


def _for_response(request: Asking, facts: Facts, state: OpenState, now_ms: int) -> Opening:
    """Judge for those who bring help. An old position sends them to the wrong street: like hers, it is not given."""
    view, policy = facts.view, facts.policy
    ground = ground_of(request.audience, facts)
    words = _tellable(view, policy)
    monitored = _young(view.monitored, policy)
    protected = _young(view.protected, policy)
    if ground is None:
        return _opening(request, view, policy, words=words, closed=Closed.NO_INCIDENT, state=state, now_ms=now_ms)
    if not monitored and not protected:
        return _opening(request, view, policy, words=words, closed=Closed.NO_POSITION, state=state, now_ms=now_ms)
    return _opening(
        request, view, policy, words=words, ground=ground, monitored=monitored, protected=protected, state=state, now_ms=now_ms
    )  # fmt: skip


def _opening(
    request: Asking,
    view: PairView,
    policy: Policy,
    *,
    words: bool,
    ground: Ground | None = None,
    closed: Closed | None = None,
    monitored: bool = False,
    protected: bool = False,
    grant: Grant | None = None,
    state: OpenState,
    now_ms: int,
) -> Opening:
    return Opening(
        scope=Scope.MAP if ground is not None else Scope.WORDS if words else Scope.NONE,
        words=words,
        fresh=_young(view.monitored, policy),
        ground=ground,
        closed=closed,
        monitored=monitored,
        protected=protected,
        trail_since_ms=_trail_since_ms(policy, state, now_ms) if monitored else None,
        until_ms=_until_ms(request, view, policy, grant, state, ground),
        state=state,
    )


def _trail_since_ms(policy: Policy, state: OpenState, now_ms: int) -> int | None:
    """Return from when on his way may be given: since the alarm began, and no longer than the policy says."""
    if state.alarm_ms is None or policy.view.trail_s <= 0.0:
        return None
    return max(state.alarm_ms, now_ms - _ms(policy.view.trail_s))


def _until_ms(request: Asking, view: PairView, policy: Policy, grant: Grant | None, state: OpenState, ground: Ground | None) -> int | None:
    """Return the first moment at which the order, the countdown, a missing renewal or the age of a fix narrows the opening."""
    ends = [] if request.order is None else [request.order.until_ms]
    if ground is Ground.CLOSING and state.ended_ms is not None:
        ends.append(state.ended_ms + _ms(policy.view.close_after_s))
    if ground in {Ground.INSIDE_RING, Ground.CLOSING, Ground.OPERATOR} and state.shown_ms is not None:
        ends.append(_renew_ms(policy, state))
    if ground is Ground.OPERATOR and grant is not None:
        ends.append(grant.until_ms)
    sides = [side for side in (view.monitored, view.protected) if side is not None and _young(side, policy)]
    ends += [side.fix_time_ms + _ms(2.0 * policy.view.position_max_age_s) for side in sides]
    return min(ends, default=None)


def _young(side: SideView | None, policy: Policy) -> bool:
    """Return whether a side was seen within twice the age at which the policy calls a position old."""
    return side is not None and side.age_s <= 2.0 * policy.view.position_max_age_s


def _tellable(view: PairView, policy: Policy) -> bool:
    """Return whether the distance interval is still true: beyond ``growth_max_s`` it grows no more with the silence."""
    sides = [side for side in (view.monitored, view.protected) if side is not None]
    return view.low_m is not None and view.high_m is not None and all(side.age_s <= policy.judging.growth_max_s for side in sides)


def _shut(closed: Closed) -> Opening:
    return Opening(
        scope=Scope.NONE,
        words=False,
        fresh=False,
        ground=None,
        closed=closed,
        monitored=False,
        protected=False,
        trail_since_ms=None,
        until_ms=None,
        state=NOTHING_OPEN,
    )


def _ms(seconds: float) -> int:
    return int(seconds * 1000.0)
