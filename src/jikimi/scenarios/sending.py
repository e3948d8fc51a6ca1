"""One fix on its way: when the server gets it, and from which device."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jikimi.model.fix import Fix


class Sending(NamedTuple):
    """A fix and the moment (whole milliseconds since 1970) at which the server receives it."""

    received_ms: int
    device_id: str
    fix: Fix
