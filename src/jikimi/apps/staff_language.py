"""The language a member of staff reads at the desk, followed by the notices to that account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency

from jikimi.apps.api import RefusedError, read_as
from jikimi.apps.her_language import LanguageBody
from jikimi.apps.session import Signed

STAFF_LANGUAGES: Final = ("ko", "en")
Speak = Callable[[str, str], None]
"""Keeps the language of an account."""
_language: Final = msgspec.json.Decoder(LanguageBody)


@post("/api/language", status_code=204)
async def read_in(request: Request[Any, Any, Any], signed: NamedDependency[Signed], speak: NamedDependency[Any]) -> None:
    """Tell this account its notices in this language from now on."""
    asked = await read_as(request, _language, f'a JSON object with "language": one of {", ".join(STAFF_LANGUAGES)}')
    if asked.language not in STAFF_LANGUAGES:
        raise RefusedError(400, "language_unknown", f"The desk speaks {', '.join(STAFF_LANGUAGES)}.")
    await asyncio.to_thread(speak, signed.subject, asked.language)
