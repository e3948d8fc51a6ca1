"""The life of a notice, as a table. What is not in it changes nothing."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final


class State(enum.StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    HANDED = "handed"
    DELIVERED = "delivered"
    SHOWN = "shown"
    SEEN = "seen"
    EXPIRED = "expired"
    REPLACED = "replaced"
    FAILED = "failed"


class Event(enum.StrEnum):
    """What happens to it."""

    ACCEPTED = "accepted"
    """A provider took it, or may have."""
    DELIVERED = "delivered"
    SHOWN = "shown"
    SEEN = "seen"
    NO_WAY_LEFT = "no_way_left"
    LIFE_OVER = "life_over"
    NEWER = "newer"


# Word from the eye outranks all else, even when it comes late: the table says what happened, not what was planned.
_EYE: Final = {Event.DELIVERED: State.DELIVERED, Event.SHOWN: State.SHOWN, Event.SEEN: State.SEEN}
_END: Final = {Event.LIFE_OVER: State.EXPIRED, Event.NEWER: State.REPLACED}

TABLE: Final[Mapping[State, Mapping[Event, State]]] = {
    State.WAITING: {Event.ACCEPTED: State.HANDED, Event.NO_WAY_LEFT: State.FAILED, **_EYE, **_END},
    State.HANDED: {**_EYE, **_END},
    State.DELIVERED: {Event.SHOWN: State.SHOWN, Event.SEEN: State.SEEN, Event.NEWER: State.REPLACED},
    State.SHOWN: {Event.SEEN: State.SEEN},
    State.SEEN: {},
    State.EXPIRED: _EYE,
    State.REPLACED: {Event.SHOWN: State.SHOWN, Event.SEEN: State.SEEN},
    State.FAILED: _EYE,
}

OPEN: Final = frozenset({State.WAITING, State.HANDED, State.DELIVERED})
"""States in which something may still have to be done."""


def after(state: State, event: Event) -> State:
    """Return the state after an event."""
    return TABLE[state].get(event, state)


def diagram() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = [f"    {state} --> {then}: {event}" for state, row in TABLE.items() for event, then in row.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.WAITING}", *lines])
