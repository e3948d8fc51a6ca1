"""Her own papers: what her page sealed is kept and given back as it came. The server has no key to any of it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, body_of, read_as
from jikimi.apps.session import Signed
from jikimi.model.papers import Paper, PaperKind

MOST_BYTES: Final = 16 * 1024 * 1024
"""One sealed paper: a photo of a telephone, or some minutes of sound."""
LARGE_S: Final = 300.0
"""Seconds in which a photo or a petition with its exhibits may arrive over a thin line."""
_NAME: Final = "^[0-9a-z]{1,32}$"


class Written(msgspec.Struct, frozen=True):
    """A paper as it was written: its version, when, and the number of its line in the ledger, for an entry of the diary."""

    version: int
    at_ms: int
    entry: int | None


class Papers(Protocol):
    """Keeps her papers."""

    async def all_of(self, person_id: str) -> list[Paper]:
        """Return what a person keeps, without its content."""
        ...

    async def body(self, person_id: str, name: str) -> bytes | None:
        """Return the sealed bytes of one, or None."""
        ...

    async def drop(self, person_id: str, name: str) -> None:
        """Take one away."""
        ...

    async def write(self, person_id: str, paper: Paper, body: bytes, seal: str | None) -> Paper:
        """Write a paper; ``seal`` is the hash of an entry of the diary, in hexadecimal.

        Raises:
            RefusedError: somebody was quicker, it is written once, there is no room, or the ledger could not take its line.
        """
        ...


class NameBody(msgspec.Struct, frozen=True):
    """Which paper."""

    name: Annotated[str, msgspec.Meta(pattern=_NAME)]


class Label(msgspec.Struct, frozen=True):
    """What stands on a sealed paper that is written: its name, its kind, the version that it becomes, and an entry's hash."""

    name: Annotated[str, msgspec.Meta(pattern=_NAME)]
    kind: PaperKind
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    seal: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")] | None = None


_name_body: Final = msgspec.json.Decoder(NameBody)
_label: Final = msgspec.json.Decoder(Label)


@get("/api/papers")
async def list_papers(signed: NamedDependency[Signed], papers: NamedDependency[Any]) -> list[Paper]:
    """Return what she keeps, without its content."""
    found: list[Paper] = await papers.all_of(signed.subject)
    return found


@post("/api/papers/read", status_code=200)
async def read_paper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], papers: NamedDependency[Any]) -> Response[bytes]:
    """Return the sealed bytes of a paper."""
    asked = await read_as(request, _name_body, 'a JSON object with "name"')
    body: bytes | None = await papers.body(signed.subject, asked.name)
    if body is None:
        raise RefusedError(404, "not_found")
    return Response(body, media_type="application/octet-stream")


@post("/api/papers/write", status_code=200, request_max_body_size=MOST_BYTES)
async def write_paper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], papers: NamedDependency[Any]) -> Written:
    """Keep a sealed paper. What stands on it comes in a header, so that the body is nothing but the sealed bytes."""
    label = label_of(request)
    if (label.kind is PaperKind.ENTRY) != (label.seal is not None):
        raise RefusedError(400, "unreadable", "An entry of the diary comes with its hash, and nothing else does.")
    paper = Paper(name=label.name, kind=label.kind, version=label.version, at_ms=0, size=0)
    written = await papers.write(signed.subject, paper, await body_of(request, LARGE_S), label.seal)
    return Written(written.version, written.at_ms, written.entry)


@post("/api/papers/drop", status_code=204)
async def drop_paper(request: Request[Any, Any, Any], signed: NamedDependency[Signed], papers: NamedDependency[Any]) -> None:
    """Take a paper away."""
    asked = await read_as(request, _name_body, 'a JSON object with "name"')
    await papers.drop(signed.subject, asked.name)


def label_of(request: Request[Any, Any, Any]) -> Label:
    """Return what stands on a sealed paper.

    Raises:
        RefusedError: nothing that can be read.
    """
    try:
        return _label.decode(request.headers.get("jikimi-paper", ""))
    except (msgspec.DecodeError, msgspec.ValidationError, ValueError):
        raise RefusedError(400, "unreadable", 'Expected a header jikimi-paper with "name", "kind" and "version" in JSON.') from None


ROUTES: Final = (list_papers, read_paper, write_paper, drop_paper)
