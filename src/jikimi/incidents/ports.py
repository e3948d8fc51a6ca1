"""What the room of incidents needs of storage. ``jikimi.storage.incidents`` implements it; the tests have a fake in memory."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Entry, Incident, Member
from jikimi.model.notice import Notice


class Page(Protocol):
    """Everything read and written in one transaction. What is put under a name that is there takes its place."""

    def put_incident(self, incident: Incident) -> None: ...
    def incident(self, incident_id: str) -> Incident | None: ...
    def open_of(self, key: str, pair_id: str) -> Incident | None:
        """Return the open incident under a key, or, from before there were keys, under the pair; None where there is none."""
        ...

    def expect(self, names: Iterable[str]) -> None:
        """Look up at once what is open under keys and pairs that ``open_of`` will be asked for."""
        ...

    def open_incidents(self) -> list[Incident]:
        """Return all that are not resolved, by the time they were opened."""
        ...

    def resolved_last(self, most: int) -> list[Incident]:
        """Return those that were resolved, or written to since, last: so many at most, the newest first."""
        ...

    def due_until(self, now_ms: int) -> list[Incident]:
        """Return those whose clock rang until now, the earliest first."""
        ...

    def next_due_ms(self) -> int | None: ...
    def add_entry(self, incident_id: str, entry: Entry) -> None: ...
    def entries(self, incident_id: str) -> list[Entry]: ...
    def add_notice(self, notice: Notice) -> None:
        """Keep a notice for delivery. One whose name is there is left as it is."""
        ...

    def open_keys(self, keys: Iterable[str]) -> set[str]:
        """Return those keys, or pairs, under which an incident is open."""
        ...

    def put_members(self, incident_id: str, members: Iterable[Member]) -> None:
        """Keep members of a mass silence; one that is there already is there anew, and untold."""
        ...

    def end_members(self, incident_id: str, pair_ids: Iterable[str], at_ms: int) -> None:
        """Let these members' silence end, where it lasts."""
        ...

    def members(self, incident_id: str, skip: int, most: int) -> list[Member]:
        """Return members, those whose silence lasts first, the worst first."""
        ...

    def lasting(self, incident_id: str, pair_ids: Iterable[str]) -> dict[str, bool]:
        """Return which of these pairs are members, each with whether its silence lasts."""
        ...

    def untold_members(self, incident_id: str, most: int) -> list[Member]:
        """Return members whose silence lasts and who were not told yet, the worst first."""
        ...

    def tell_members(self, incident_id: str, pair_ids: Iterable[str]) -> None:
        """Remember that these were told."""
        ...

    def note_signals(self, signal_ids: Iterable[str]) -> set[str]:
        """Remember signals; return those that are new."""
        ...

    def put_duty(self, duty: Duty) -> None: ...
    def drop_duty(self, operator: str) -> None: ...
    def duties(self) -> list[Duty]:
        """Return who is signed in, by name."""
        ...


class Books(Protocol):
    """The books of incidents."""

    def reading(self) -> AbstractContextManager[Page]: ...
    def writing(self) -> AbstractContextManager[Page]:
        """Give a page that no other writer can touch meanwhile; all of it is kept at the end, or, after an exception, none."""
        ...
