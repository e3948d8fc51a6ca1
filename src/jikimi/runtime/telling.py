"""What a court decided goes to the authorities that take notices by machine; their word closes the tasks of whoever owns the order.

The notice is put in the outbox in the transaction of the decision. What became of it is read from the outbox, so that a process that
died between an authority's word and the task closes it at its next start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import sqlalchemy as sa
import structlog

from jikimi.delivery.decision import Decided, decision_passage, is_decision
from jikimi.delivery.passage import Passage
from jikimi.delivery.ports import ShelfFailedError
from jikimi.delivery.words import Book
from jikimi.model.policy import Policy
from jikimi.orders.clerk import Clerk
from jikimi.orders.tasks import Task
from jikimi.runtime.office import Office
from jikimi.storage.outbox import SqlShelf

log = structlog.get_logger(__name__)

RETRY_S = 5.0


class Telling:
    """Notices of courts' decisions.

    Args:
        endpoints: at which endpoint of the settings each party takes them; whoever is not there is told by the order's owner.
        shelf: the outbox.
        book: the texts.
        policies: the policy under each id, whose first language authorities read.
        office: the register of orders.
        wake: tells the outbox's runner that something new lies there.
    """

    def __init__(
        self,
        endpoints: Mapping[str, str],
        shelf: SqlShelf,
        book: Book,
        policies: Mapping[str, Policy],
        office: Office,
        wake: Callable[[], None],
    ) -> None:
        self._endpoints = endpoints
        self._shelf = shelf
        self._book = book
        self._policies = policies
        self._office = office
        self._wake = wake
        self._moved = asyncio.Event()

    def post(self, asked: Iterable[Task], decided: Decided, clerk: Clerk) -> None:
        """Put the notices of a decision in the outbox, within its transaction: both are kept, or neither."""
        sent = [(task, endpoint) for task in asked if (endpoint := self._endpoints.get(task.about or "")) is not None]
        if sent:
            self._shelf.add([self._passage(task, endpoint, decided, clerk) for task, endpoint in sent])
            for task, _ in sent:
                self._carry(task, clerk)

    def kept(self) -> None:
        """Decisions may have been kept: what lies in the outbox goes out."""
        if self._endpoints:
            self._wake()

    def handled(self, passage: Passage) -> None:
        """Take note that a notice came further."""
        if is_decision(passage):
            self._moved.set()

    async def work(self) -> None:
        """Carry what became of notices over to the tasks, for ever."""
        while True:
            self._moved.clear()
            try:
                await self._office.do(self.settle)
            except (ShelfFailedError, sa.exc.DBAPIError) as error:
                log.warning("what became of a court's notices could not be read; it is tried again", kind=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            await self._moved.wait()

    def settle(self, clerk: Clerk) -> None:
        """Close the tasks whose notice an authority has, and write beside the others how far theirs came."""
        for task in clerk.untold():
            self._carry(task, clerk)

    def _carry(self, task: Task, clerk: Clerk) -> None:
        passage = self._shelf.passage(task.task_id)
        if passage is None:
            return
        word = next(iter(passage.receipts), None)
        heard_ms = None if word is None else word.at_ms
        clerk.notice_moved(task.task_id, passage.state.value, heard_ms=heard_ms, by=passage.ways[0].address)

    def _passage(self, task: Task, endpoint: str, decided: Decided, clerk: Clerk) -> Passage:
        order = clerk.order(task.order_id)
        language = self._policies[order.policy_id].languages[0]
        return decision_passage(task.task_id, endpoint, order, decided, task.due_ms, self._book, language)
