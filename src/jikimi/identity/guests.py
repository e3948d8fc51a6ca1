"""Protected persons at the door: who may be invited, and what is written down of how the office made sure who she is."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final

import msgspec

AT_THE_OFFICE: Final = "told the office"
"""What stands for the version of the terms where she declined before she had the app."""


class Seen(enum.StrEnum):
    """By what the office made sure. No number of a document, no copy and no date of birth is kept: the kind is all that is asked for."""

    RESIDENT_CARD = "resident_card"
    DRIVING_LICENCE = "driving_licence"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"
    """A foreigner's card of residence."""
    PHOTO_CARD = "photo_card"
    """Another card with a photograph, a pupil's for example."""
    IN_PERSON = "in_person"
    """Whoever invites knows her: the officer who took her statement, for example."""


class Waiver(enum.StrEnum):
    """Why the office lets somebody see the map on a phone that no passkey is bound to. A kind is all that is kept."""

    OLD_PHONE = "old_phone"
    NO_PASSKEYS = "no_passkeys"
    """The phone or its browser knows none."""
    CANNOT = "cannot"
    """She cannot use the phone's lock."""
    DEMONSTRATION = "demonstration"


class InvitationError(ValueError):
    """Somebody cannot be invited. The text is a sentence for whoever asked."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody made sure who a person is, before a code was given.

    Attributes:
        person_id, order_id: who, and under which order.
        seen: by what.
        by: the member of staff who did so.
        at_ms: when.
    """

    person_id: str
    order_id: str
    seen: Seen
    by: str
    at_ms: int


def check_named(person_id: str, protected: Iterable[str]) -> None:
    """Raise unless an order names a person as one whom it protects.

    Raises:
        InvitationError: it does not.
    """
    if person_id not in protected:
        raise InvitationError("This order names nobody of that name as protected, so there is nobody to invite.")
