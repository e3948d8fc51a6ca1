"""Who is sent, who is told next, and when: a jurisdiction's routing and clocks, each with its source."""

from __future__ import annotations

import datetime as dt
import enum

import msgspec


class FirstContact(enum.StrEnum):
    """Who is spoken to first."""

    HER_FIRST = "her_first"
    HIM_FIRST = "him_first"
    TOGETHER = "together"


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who goes to whom where he wears a tag under one of ``tag_bases`` and the order is one of ``order_bases``.

    ``monitored`` and ``protected`` name the agency that goes to him and to her.
    """

    tag_bases: tuple[str, ...]
    order_bases: tuple[str, ...]
    monitored: str
    protected: str
    source: str


class Otherwise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who goes where no route fits or the basis is not known: somebody always goes."""

    monitored: str
    protected: str
    source: str


class Rung(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of the ladder: ``to`` is ``operator`` (the next one), ``supervisor`` or an agency; seconds after the step before."""

    to: str
    after_s: int
    source: str


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to speak with first, and how many seconds after an audible alarm somebody must have spoken with her."""

    first: FirstContact
    within_s: int
    source: str


class Repeat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many metres of change the responders are told again."""

    every_m: int
    source: str


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how many seconds a responder who was asked is pressed, and those in charge are told; and again after as many.

    ``received_within_s``: since the request was made, until the responder has received it; ``sent_within_s``: from then on, until a unit
    is on its way; ``arrived_within_s``: from then on, until it is there.
    """

    received_within_s: int
    sent_within_s: int
    arrived_within_s: int
    source: str


class MergeBy(enum.StrEnum):
    """What people work on as one thing."""

    PAIR = "pair"
    """Each pair by itself: she is one thing, her home is another."""
    PARTY = "party"
    """One man and one woman: she, her places, and every measure that joins the two."""


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what alarms are merged into one incident."""

    by: MergeBy
    source: str


class Mass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More than ``silent`` pairs that fall silent within so many seconds are one incident: the cause is one."""

    silent: int
    within_s: int
    source: str


class FieldLinks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An officer's link: within how many seconds it must be opened, and for how many it then shows, at the most."""

    open_within_s: int
    lasts_s: int
    source: str


class Wall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the big screen of a control room names people, for everybody who walks through the room."""

    names: bool
    source: str


class Him(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which troubles of his own tag the monitored person is told by himself: to charge it, to call the office."""

    charge_on: tuple[str, ...]
    call_office_on: tuple[str, ...]
    source: str


class Responders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's response."""

    policy_id: str
    version: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    contact: Contact
    repeat: Repeat
    request: Request
    field: FieldLinks
    him: Him
    merge: Merge
    mass: Mass
    wall: Wall
    otherwise: Otherwise
    routes: tuple[Route, ...] = ()
    ladder: tuple[Rung, ...]


def route(responders: Responders, basis_id: str, tag_basis_id: str | None) -> Route | Otherwise:
    """Return who goes, by the basis of the order and that of the tag (the order's own where None)."""
    tag = tag_basis_id if tag_basis_id is not None else basis_id
    fits = (one for one in responders.routes if basis_id in one.order_bases and tag in one.tag_bases)
    return next(fits, responders.otherwise)
