"""What the clerk needs of storage. ``jikimi.storage.books`` implements it; the tests have a fake in memory."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from jikimi.model.order import Order
from jikimi.model.register import OrderEvent
from jikimi.orders.dossier import Dossier, Link
from jikimi.orders.funnel import Assignment, Funnel
from jikimi.orders.matching import Mark
from jikimi.orders.tasks import Task


class DueKind(enum.StrEnum):
    """Whose clock rang."""

    ORDER = "order"
    FUNNEL = "funnel"
    ASSIGNMENT = "assignment"


class Due(NamedTuple):
    """Something that time alone changes: what, its name (``person_id`` only for a funnel), and when."""

    at_ms: int
    kind: DueKind
    name: str
    person_id: str


class Page(Protocol):
    """Everything read and written in one transaction. What is put under a name that is there takes its place."""

    def put_label(self, person_id: str, label: str) -> None: ...
    def dossier(self, order_id: str) -> Dossier | None: ...
    def dossiers(self) -> list[Dossier]: ...
    def dossiers_of(self, person_ids: Iterable[str]) -> list[Dossier]:
        """Return the orders that name any of these persons, on either side, by their ids."""
        ...

    def put_dossier(self, dossier: Dossier, due_ms: int | None, told: Iterable[Order], untold: Iterable[str]) -> None:
        """Keep a dossier; tell the core these orders, and take back those of these names."""
        ...

    def add_event(self, event: OrderEvent) -> None: ...
    def events(self, order_id: str) -> list[OrderEvent]: ...
    def newest_events(self, limit: int) -> list[OrderEvent]:
        """Return the newest events of all orders, newest first."""
        ...

    def log_of(self, person_id: str) -> list[OrderEvent]:
        """Return the events about one protected person, in their sequence."""
        ...

    def add_marks(self, person_id: str, marks: Iterable[Mark]) -> None: ...
    def marks(self, person_id: str) -> frozenset[Mark]: ...
    def persons_with(self, marks: Iterable[Mark]) -> set[str]:
        """Return who has any of these marks."""
        ...

    def put_task(self, task: Task) -> None: ...
    def task(self, task_id: str) -> Task | None: ...
    def tasks(self, *, owner: str | None = None, order_id: str | None = None, is_open: bool | None = None) -> list[Task]:
        """Return tasks by due time."""
        ...

    def put_link(self, link: Link) -> None: ...
    def link(self, link_id: str) -> Link | None: ...
    def links(self, order_id: str | None = None) -> list[Link]:
        """Return links, of all orders or with this one on either side, by the time they were opened."""
        ...

    def put_funnel(self, funnel: Funnel, due_ms: int | None) -> None: ...
    def funnels(self, order_id: str) -> list[Funnel]: ...
    def put_assignment(self, assignment: Assignment, due_ms: int | None) -> None: ...
    def assignment(self, device_id: str) -> Assignment | None: ...
    def assignments(self, order_id: str | None = None) -> list[Assignment]: ...
    def tag_given(self, order_id: str, person_id: str) -> bool:
        """Whether this person has a tag that was given out under this order."""
        ...

    def first_due(self) -> Due | None:
        """Return what is due first of all, whenever that is."""
        ...


class Books(Protocol):
    """The register's books."""

    def reading(self) -> AbstractContextManager[Page]: ...
    def writing(self) -> AbstractContextManager[Page]:
        """Give a page that no other writer can touch meanwhile; all of it is kept at the end, or, after an exception, none."""
        ...
