"""The language she reads: chosen in her app, followed by whatever the server says to her."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.push import PushDesk
from jikimi.apps.session import Signed
from jikimi.delivery.words import HER_LANGUAGES, LANGUAGE


class LanguageBody(msgspec.Struct, frozen=True):
    """A language by its tag."""

    language: str


_language: Final = msgspec.json.Decoder(LanguageBody)


async def language_of(push: PushDesk | None, person_id: str) -> str | None:
    """Return which language she chose; None before she did, or where nothing is delivered."""
    return None if push is None else (await asyncio.to_thread(push.addresses.of, person_id)).get(LANGUAGE)


@post("/api/language", status_code=204)
async def choose_language(request: Request[Any, Any, Any], signed: NamedDependency[Signed], push: NamedDependency[PushDesk]) -> None:
    """Speak to her in this language from now on."""
    asked = await read_as(request, _language, f'a JSON object with "language": one of {", ".join(HER_LANGUAGES)}')
    if asked.language not in HER_LANGUAGES:
        raise RefusedError(400, "language_unknown", f"Her app speaks {', '.join(HER_LANGUAGES)}.")
    await asyncio.to_thread(push.addresses.put, signed.subject, LANGUAGE, asked.language)
