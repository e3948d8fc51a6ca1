"""What people found out about an incident afterwards: entered at the desk, for the public figures alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.session import Signed
from jikimi.outcomes.row import Finding, HarmDone


class Findings(Protocol):
    """Keeps findings; quick, and safe on any thread."""

    def finding(self, incident_id: str) -> Finding | None:
        """Return what was entered about an incident, or None."""
        ...

    def find(self, incident_id: str, finding: Finding) -> bool:
        """Keep it in place of what was entered before; return whether there is such an incident."""
        ...


class Found(msgspec.Struct, frozen=True):
    """What the page shows and sends; None is "not known"."""

    breach: bool | None = None
    arrested: bool | None = None
    harm: HarmDone | None = None
    is_false: bool | None = None


_found: Final = msgspec.json.Decoder(Found)


@get("/api/incidents/{name:str}/finding")
async def read_finding(name: FromPath[str], findings: NamedDependency[Any]) -> Found:
    """Return what was entered."""
    known = await asyncio.to_thread(findings.finding, name)
    return Found() if known is None else msgspec.convert(known, Found, from_attributes=True)


@post("/api/incidents/{name:str}/finding", status_code=204)
async def enter_finding(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    findings: NamedDependency[Any],
    watch: NamedDependency[Any],
) -> None:
    """Enter it, whole: it takes the place of what was there."""
    asked = await read_as(request, _found, 'a JSON object with "breach", "arrested", "is_false" and "harm"')
    finding = Finding(**msgspec.structs.asdict(asked), by=signed.subject, at_ms=watch.now_ms())
    if not await asyncio.to_thread(findings.find, name, finding):
        raise RefusedError(404, "incident_unknown")


ROUTES: Final[Sequence[Any]] = (read_finding, enter_finding)
