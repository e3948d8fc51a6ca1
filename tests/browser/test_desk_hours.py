"""A shift of eight hours in front of the desk: as many events as then come, and nothing grows with them.

Eight hours are 28,800 boards, a few thousand alarms with their transitions, and an incident opened every other minute. What a page
keeps after the first part of that must be what it keeps after all of it, once the collector has run. `make test` plays a short part of
a shift, `make faults` a whole one.
"""

from __future__ import annotations

import os

import pytest

from tests.browser.conftest import Visit
from tests.browser.mock_desk import MockDesk, incident, moment, row
from tests.browser.test_whole import DESK

BOARDS = int(os.environ.get("JIKIMI_DESK_BOARDS", "900"))
"""Boards after the warm-up; each comes with four transitions."""
WARM, PIECE = 400, 100
SHOWN = 60


@pytest.fixture
def desk():
    with MockDesk() as found:
        yield found


class Shift:
    """One page, and what comes to it."""

    def __init__(self, desk, browser):
        self.desk, self.number = desk, 0
        self.visit = Visit(browser, viewport=DESK)
        self.page = self.visit.page
        self.page.goto(desk.url)
        self.devtools = self.visit.context.new_cdp_session(self.page)
        self.devtools.send("Performance.enable")
        desk.board([row(n) for n in range(SHOWN)])
        self.page.locator("tbody tr").first.wait_for()

    def pass_by(self, boards):
        """Let boards with their transitions and incidents come, and look at things now and then as an operator does."""
        for start in range(0, boards, PIECE):
            for _ in range(PIECE):
                self._one()
            self.desk.board([row(n, low_m=float(self.number % 900)) for n in range(SHOWN)])
            self._heard()
            self._look(start // PIECE)

    def _one(self):
        self.number += 1
        n, at_ms = self.number, self.desk.now_ms()
        worst = [row((n + k) % 500, "danger" if k < 5 else "warning", low_m=float(n % 900)) for k in range(SHOWN)]
        self.desk.board(worst)
        for k in range(4):
            self.desk.tell("transition", moment((n + k) % 500, at_ms))
        if n % 10 == 0:
            self.desk.version += 1
            self.desk.queued = [incident((n + k) % 1_000, at_ms) for k in range(30)]
            self.desk.tell("incidents", {"version": str(self.desk.version)})
        if n % 50 == 0:
            self.desk.tell("sos", {"pair": "p1", "at_ms": at_ms, "silent": False, "cancelled": False})

    def _heard(self):
        """Wait until the page shows what was sent last."""
        wanted = f"{self.number % 900} m" if self.number % 900 < 100 else f"{round(self.number % 900 / 10) * 10} m"
        self.page.locator("tbody tr").first.locator(".num").first.filter(has_text=wanted).wait_for(timeout=60_000)

    def _look(self, turn):
        """Go through the views by keyboard: a pair with its map, an incident in full, the keys."""
        press = self.page.keyboard.press
        for key in ("b", "j", "j", "i", "j", "j", "?", "?", "b", "Escape") if turn % 2 else ("i", "j", "k", "b"):
            press(key)
        self.page.locator("tbody tr").first.wait_for()

    def kept(self):
        """Return what the page holds after a collection: nodes, listeners, and bytes of script."""
        self.page.keyboard.press("b")
        for _ in range(3):
            self.devtools.send("HeapProfiler.collectGarbage")
            self.page.wait_for_timeout(100)
        found = {one["name"]: one["value"] for one in self.devtools.send("Performance.getMetrics")["metrics"]}
        return found["Nodes"], found["JSEventListeners"], found["JSHeapUsedSize"]


def test_after_eight_hours_the_page_holds_what_it_held_after_the_first(desk, browser):
    shift = Shift(desk, browser)
    shift.pass_by(WARM)
    nodes, listeners, heap = shift.kept()
    shift.pass_by(BOARDS)
    nodes_now, listeners_now, heap_now = shift.kept()
    assert nodes_now <= nodes * 1.1 + 500
    assert listeners_now <= listeners * 1.1 + 50
    assert heap_now <= heap * 1.15 + 2e6
    assert shift.page.locator(".ticker li").count() <= 200
    assert shift.page.locator(".bar .line.live").count() == 1
    assert shift.visit.errors == []
    shift.visit.context.close()
