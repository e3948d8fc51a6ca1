"""What the vault keeps of one fix."""

from __future__ import annotations

import msgspec

from jikimi.model.fix import Fix, Verdict


class Kept(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One fix with what the server knows of it.

    Attributes:
        fix: the report; the vault rounds latitude and longitude to 1e-7 degrees (at most 6 mm), and other numbers as ``rounding`` says.
        received_ms: when the server took it in.
        verdict: what the core did with it.
        device_id: the device that sent it.
    """

    fix: Fix
    received_ms: int
    verdict: Verdict
    device_id: str
