"""What every answer of a web app carries, and which requests are turned away as somebody else's page speaking."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from jikimi.apps.asgi import Message, Scope, Send, header
from jikimi.disclosure.gate import Audience

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

_NEVER: Final = ("camera", "microphone", "payment", "usb", "serial", "display-capture", "browsing-topics", "midi", "hid")
_HERS: Final = ("geolocation", "screen-wake-lock", "accelerometer", "gyroscope", "magnetometer")
"""Her app finds where she is, turns an arrow with her phone, and keeps the screen on during an alarm."""

_HSTS: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


def headers_for(audience: Audience, *, tls: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer.

    Args:
        audience: whose app; only hers may ask the browser where she is.
        tls: whether a TLS proxy stands in front, so that browsers may be told to use nothing else (RFC 6797, section 7.2).
    """
    own = "(self)" if audience is Audience.PROTECTED else "()"
    features = [f"{name}={own}" for name in _HERS] + [f"{name}=()" for name in _NEVER]
    found = [
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", ", ".join(features).encode()),
        (b"x-frame-options", b"DENY"),
    ]
    return [*found, _HSTS] if tls else found


def secured(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """Return ``send`` with the headers added to the answer, and ``no-store`` where it says nothing about caching."""

    async def send_secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _merged(message.get("headers", ()), headers)}
        await send(message)

    return send_secured


def _merged(found: object, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in headers}
    kept = [(name, value) for name, value in found if name not in ours]  # type: ignore[attr-defined]
    if not any(name == b"cache-control" for name, _ in kept):
        kept.append((b"cache-control", b"no-store"))
    return kept + headers


def is_foreign(scope: Scope) -> bool:
    """Return whether a request to the API was made by another site's page, or may have been.

    Browsers say so in ``Sec-Fetch-Site``. One that does not must show an ``Origin`` that is ours before it may change anything.
    """
    site = header(scope, b"sec-fetch-site")
    if scope["method"] in _SAFE_METHODS:
        return site not in {None, "same-origin", "none"}
    if site is not None:
        return site != "same-origin"
    origin, host = header(scope, b"origin"), header(scope, b"host")
    return origin is None or host is None or urlsplit(origin).netloc.lower() != host.lower()
