"""Keeps since when her views are open, and since when she goes towards him, so that a restart begins neither anew. Nothing waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, Protocol

import structlog

from jikimi.disclosure.gate import OpenState
from jikimi.disclosure.views import Views
from jikimi.model.decision import PairView, Tier

log = structlog.get_logger(__name__)

REST_S: Final = 0.2
RETRY_S: Final = 5.0


class ViewBooks(Protocol):
    """Where they are kept."""

    def views(self) -> dict[str, OpenState]:
        """Return what is kept, by pair."""
        ...

    def put_views(self, views: Mapping[str, OpenState | None]) -> None:
        """Keep these as they are now; None: nothing of that pair any more."""
        ...


class Seen(Protocol):
    """What is asked of the running core."""

    her_views: Views

    def view(self, pair_id: str) -> PairView | None:
        """Return what is believed of a pair now."""
        ...


class ViewKeeper:
    """Keeps the views of one server.

    Args:
        core: the running core, recovered.
        books: keep them.
    """

    def __init__(self, core: Seen, books: ViewBooks) -> None:
        self._views = core.her_views
        self._books = books
        self._wake = asyncio.Event()
        kept = {pair_id: (state, core.view(pair_id)) for pair_id, state in books.views().items()}
        alarmed = {
            pair_id: state
            for pair_id, (state, view) in kept.items()
            if view is not None and (view.tier >= Tier.WATCH or state.towards_ms is not None)
        }
        self._views.restore(alarmed)
        books.put_views(dict.fromkeys(kept.keys() - alarmed.keys()))
        self._views.changed = self._wake.set

    async def work(self) -> None:
        """Keep what changes, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed = self._views.taken()
            try:
                await asyncio.to_thread(self._books.put_views, changed)
            except Exception as error:  # noqa: BLE001 - whatever the books' fault is, no view depends on it now, and it is tried again
                log.warning("since when views are open could not be kept; it is tried again", kind=type(error).__name__)
                self._views.again(changed)
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(REST_S)
