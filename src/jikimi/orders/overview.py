"""What an office must do and see now: open tasks, links to settle, ways to protection that are not done, and what happened last."""

from __future__ import annotations

from typing import Final, NamedTuple

from jikimi.model.register import CourtOrder, OrderEvent
from jikimi.orders.acts import living
from jikimi.orders.dossier import Link, LinkState
from jikimi.orders.funnel import Funnel, protected
from jikimi.orders.ports import Page
from jikimi.orders.tasks import Task

MOST: Final = 200
"""Of each kind; more than that nobody reads. What is due first comes first."""
MOST_EVENTS: Final = 50


class Overview(NamedTuple):
    """Everything at one moment. ``orders`` are those that anything here belongs to; ``more`` says how many tasks were left off."""

    tasks: list[Task]
    links: list[Link]
    ways: list[Funnel]
    events: list[OrderEvent]
    orders: dict[str, CourtOrder]
    more: int


def overview(page: Page) -> Overview:
    """Return what is on this page for the desk."""
    orders = {one.order.order_id: one.order for one in page.dossiers()}
    tasks = page.tasks(is_open=True)
    links = [one for one in page.links() if one.state in {LinkState.REVIEW, LinkState.PROPOSED}]
    ways = [way for order in orders.values() if living(order) for way in page.funnels(order.order_id) if not protected(way)]
    return Overview(tasks[:MOST], links[:MOST], ways[:MOST], page.newest_events(MOST_EVENTS), orders, max(0, len(tasks) - MOST))
