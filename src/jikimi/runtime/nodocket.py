"""A server that serves no court: its court's app opens, and says so."""

from __future__ import annotations

from typing import Final, NoReturn

from jikimi.apps.docket import Case, Change, Decision, Inbox, Line, OrderLine, Practice, Preview
from jikimi.petitions.status import Act

NO_COURT: Final = "This server receives no petitions for this court."


class NoDocket:
    """Implements ``Docket`` without a petition."""

    def number(self) -> int:
        """Nothing ever changes."""
        return 0

    async def inbox(self, court: str) -> Inbox:
        """Return an empty inbox that says why."""
        return Inbox(court=court, locked=NO_COURT, lines=())

    async def case(self, _court: str, _number: str, _by: str) -> Case:
        """There is none."""
        self._none()

    async def exhibit(self, _court: str, _number: str, _name: str, _by: str) -> tuple[str, bytes]:
        """There is none."""
        self._none()

    async def act(self, _court: str, _number: str, _act: Act, _by: str, *, at_ms: int | None, detail: str) -> Line:
        """There is none."""
        del at_ms, detail
        self._none()

    async def draft(self, _court: str, _number: str, _act: Act) -> Decision:
        """There is none."""
        self._none()

    async def preview(self, _court: str, _number: str, _decision: Decision) -> Preview:
        """There is none."""
        self._none()

    async def decide(self, _court: str, _number: str, _decision: Decision, _by: str) -> Line:
        """There is none."""
        self._none()

    async def change(self, _court: str, _number: str, _change: Change, _by: str) -> OrderLine:
        """There is none."""
        self._none()

    async def practice(self, _court: str, form_id: str) -> Practice:
        """Return no figures."""
        return Practice(form_id=form_id, since_ms=None, least=5, rows=())

    def _none(self) -> NoReturn:
        raise LookupError(NO_COURT)
