"""Her petition: the form, the papers to print, and the step that files it. Nothing is sent but by that step.

Only here does the server see what she wrote: for the moment in which the papers are printed and sealed to the court's key. It is
held in memory, written nowhere and logged nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from jikimi.apps.api import RefusedError, body_of
from jikimi.apps.papers import LARGE_S
from jikimi.apps.session import Signed
from jikimi.model.petition import PetitionForm
from jikimi.petitions.document import Exhibit
from jikimi.petitions.package import exhibit
from jikimi.policy.petition_texts import in_languages

MOST_BYTES: Final = 100_000_000
MOST_EXHIBITS: Final = 100
STANDS_IN: Final = "en"
"""What is said to somebody whose language a form does not speak."""
_LENGTH_BYTES: Final = 4


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A court that takes petitions from here, and by which way."""

    court_id: str
    way: str


class FormNow(msgspec.Struct, frozen=True, kw_only=True):
    """The form of her jurisdiction today. ``courts``: those to which a package can be handed; at others she prints and signs."""

    form: PetitionForm
    today: dt.date
    courts: list[Open]


class Adding(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with a petition. ``paper`` is the entry of her diary that it comes from, whose time and proof go with it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    about: Annotated[str, msgspec.Meta(max_length=500)]
    media_type: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    length: Annotated[int, msgspec.Meta(ge=0, le=MOST_BYTES)]
    paper: Annotated[str, msgspec.Meta(max_length=32)] | None = None


class Petition(msgspec.Struct, frozen=True, kw_only=True):
    """A petition as her page sends it to be printed or filed."""

    form_id: Annotated[str, msgspec.Meta(max_length=100)]
    petition_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    answers: dict[str, str | bool | tuple[str, ...]]
    exhibits: Annotated[tuple[Adding, ...], msgspec.Meta(max_length=MOST_EXHIBITS)] = ()
    sheet: Literal["petition", "court-only"] | None = None


class Given(msgspec.Struct, frozen=True):
    """A petition with the bytes of its exhibits, and all of it as it came."""

    petition: Petition
    bodies: Sequence[bytes]
    whole: bytes


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """Her receipt. ``number``: the court's own, where the way to it brings one back."""

    petition_id: str
    court_id: str
    way: str
    at_ms: int
    number: str | None
    sha256: str
    package: str


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A petition, by its name: it stands in no URL."""

    petition_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where her petition stands at its court: words and times, and nothing of what anybody wrote.

    Attributes:
        word: a step of ``petitions.steps.Step``.
        hearing_ms: the next hearing, or None.
        decided_ms: when it was decided, or None.
        appeal_ms: the first moment at which the time for an appeal is over; None where it does not run.
    """

    word: str
    hearing_ms: int | None
    decided_ms: int | None
    appeal_ms: int | None


class Filing(Protocol):
    """Prints petitions and hands them to courts."""

    async def form(self, person_id: str) -> FormNow:
        """Return the form.

        Raises:
            RefusedError: her jurisdiction has none.
        """
        ...

    async def printed(self, person_id: str, given: Given) -> bytes:
        """Return one of the two papers as PDF.

        Raises:
            RefusedError: it is not ready, or there is no such paper.
        """
        ...

    async def standing(self, person_id: str, petition_id: str) -> Standing:
        """Return where a petition of hers stands.

        Raises:
            RefusedError: she filed none of this name, or its court keeps its docket elsewhere.
        """
        ...

    async def file(self, person_id: str, given: Given) -> Filed:
        """Seal a petition to its court and hand it over. The same request again is the same filing.

        Raises:
            RefusedError: it is not ready, the court cannot be reached from here, or it did not take it.
        """
        ...


_petition: Final = msgspec.json.Decoder(Petition)
_named: Final = msgspec.json.Decoder(Named)
_SHAPE: Final = "Expected four bytes with the length of a JSON object, the object, and the exhibits' bytes one after the other."


def given_of(body: bytes) -> Given:
    """Read a petition with its exhibits.

    Raises:
        RefusedError: it is none.
    """
    split = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES])
    try:
        petition = _petition.decode(body[_LENGTH_BYTES:split])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise RefusedError(400, "unreadable", _SHAPE) from None
    bodies = []
    for one in petition.exhibits:
        bodies.append(body[split : split + one.length])
        split += one.length
    if split != len(body):
        raise RefusedError(400, "unreadable", _SHAPE)
    return Given(petition, bodies, body)


def exhibits_of(given: Given) -> list[tuple[Exhibit, bytes]]:
    """Return a petition's exhibits with their bytes."""
    both = zip(given.petition.exhibits, given.bodies, strict=True)
    return [(exhibit(one.name, one.about, one.media_type, body), body) for one, body in both]


def spoken(now: FormNow, language: str | None) -> FormNow:
    """Return the form as a page needs it: in its language, in English, which stands in, and in the court's."""
    return msgspec.structs.replace(now, form=in_languages(now.form, (language or STANDS_IN, STANDS_IN)))


@get("/api/petition/form")
async def petition_form(signed: NamedDependency[Signed], filing: NamedDependency[Any], language: FromQuery[str | None] = None) -> FormNow:
    """Return the form in a language, which day it is at the court, and the courts that take petitions from here."""
    return spoken(await filing.form(signed.subject), language)


@post("/api/petition/print", status_code=200, request_max_body_size=MOST_BYTES)
async def print_petition(request: Request[Any, Any, Any], signed: NamedDependency[Signed], filing: NamedDependency[Any]) -> Response[bytes]:
    """Return a paper to print and sign."""
    return Response(await filing.printed(signed.subject, given_of(await body_of(request, LARGE_S))), media_type="application/pdf")


@post("/api/petition/file", status_code=200, request_max_body_size=MOST_BYTES)
async def file_petition(request: Request[Any, Any, Any], signed: NamedDependency[Signed], filing: NamedDependency[Any]) -> Filed:
    """File a petition; answers with the court's receipt."""
    found: Filed = await filing.file(signed.subject, given_of(await body_of(request, LARGE_S)))
    return found


@post("/api/petition/standing", status_code=200)
async def petition_standing(request: Request[Any, Any, Any], signed: NamedDependency[Signed], filing: NamedDependency[Any]) -> Standing:
    """Say where her petition stands at its court."""
    try:
        named = _named.decode(await body_of(request))
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise RefusedError(400, "unreadable", 'Expected {"petition_id": …}, 16 hexadecimal digits.') from None
    found: Standing = await filing.standing(signed.subject, named.petition_id)
    return found


ROUTES: Final = (petition_form, print_petition, file_petition, petition_standing)
