"""What the web apps need of the register. Synchronous: it is asked on a thread, never on the event loop."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from jikimi.model.order import Device


class SessionRecord(Protocol):
    """A signed-in browser, as the register keeps it."""

    @property
    def audience(self) -> str:
        """Whose app."""

    @property
    def subject(self) -> str:
        """The person's or staff member's id."""

    @property
    def until_ms(self) -> int:
        """When it ends by itself."""

    @property
    def how(self) -> str:
        """By what it was begun: ``code``, ``passkey`` or ``sso``."""

    @property
    def is_locked(self) -> bool:
        """Whether its screen is locked until somebody proves to be there again."""


class Register(Protocol):
    """Sessions, devices and labels."""

    def redeem(self, code: str, audience: str, now_ms: int, session_until_ms: int) -> str | None:
        """Turn an unused invitation into a session; return its opaque token, or None."""

    def session(self, token: str, audience: str, now_ms: int) -> SessionRecord | None:
        """Return the session of a token, or None."""

    def standing(self, tokens: Collection[str], audience: str, now_ms: int) -> Mapping[str, SessionRecord]:
        """Return those of many sessions that still stand, by token: one question, however many are asked about."""

    def lock_session(self, token: str, *, is_locked: bool) -> None:
        """Keep whether a session is locked."""

    def end_session(self, token: str) -> None:
        """End a session."""

    def add_device(self, device: Device) -> None:
        """Enter a device."""

    def revoke_device(self, device_id: str) -> None:
        """Believe a device no more."""

    def devices(self) -> list[Device]:
        """Return all devices."""

    def label(self, person_id: str) -> str | None:
        """Return what the desk calls a person."""
