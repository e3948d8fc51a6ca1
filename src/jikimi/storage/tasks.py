"""Tasks with their owners, and links between records."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from jikimi.orders.dossier import Link
from jikimi.orders.tasks import Task
from jikimi.storage.rows import Rows
from jikimi.storage.schema import links, tasks

_encode = msgspec.msgpack.Encoder().encode
_task = msgspec.msgpack.Decoder(Task).decode
_link = msgspec.msgpack.Decoder(Link).decode


class TaskRows(Rows):
    """The tables ``tasks`` and ``links``."""

    def put_task(self, task: Task) -> None:
        """Keep a task as it is now."""
        row = {"task_id": task.task_id, "owner": task.owner, "order_id": task.order_id, "due_ms": task.due_ms, "done_ms": task.done_ms}
        self._put(tasks, {**row, "body": _encode(task)})

    def task(self, task_id: str) -> Task | None:
        """Return a task, or None."""
        body = self._body(sa.select(tasks.c.body).where(tasks.c.task_id == task_id))
        return _task(body) if body is not None else None

    def tasks(self, *, owner: str | None = None, order_id: str | None = None, is_open: bool | None = None) -> list[Task]:
        """Return tasks by due time."""
        query = sa.select(tasks.c.body).order_by(tasks.c.due_ms, tasks.c.task_id)
        if owner is not None:
            query = query.where(tasks.c.owner == owner)
        if order_id is not None:
            query = query.where(tasks.c.order_id == order_id)
        if is_open is not None:
            query = query.where(tasks.c.done_ms.is_(None) if is_open else tasks.c.done_ms.is_not(None))
        return [_task(body) for body in self._bodies(query)]

    def put_link(self, link: Link) -> None:
        """Keep a link as it is now."""
        row = {"link_id": link.link_id, "order_id": link.order_id, "tag_order_id": link.tag_order_id, "opened_ms": link.opened_ms}
        self._put(links, {**row, "body": _encode(link)})

    def link(self, link_id: str) -> Link | None:
        """Return a link, or None."""
        body = self._body(sa.select(links.c.body).where(links.c.link_id == link_id))
        return _link(body) if body is not None else None

    def links(self, order_id: str | None = None) -> list[Link]:
        """Return links by the time they were opened."""
        query = sa.select(links.c.body).order_by(links.c.opened_ms, links.c.link_id)
        if order_id is not None:
            query = query.where(sa.or_(links.c.order_id == order_id, links.c.tag_order_id == order_id))
        return [_link(body) for body in self._bodies(query)]
