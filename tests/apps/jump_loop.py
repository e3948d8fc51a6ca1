"""An event loop whose time jumps: when nothing is ready it is at once the time of what is due next.

Threads are done at once and in turn. So a test of minutes takes milliseconds and always runs the same way.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Selector(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("Everybody waits and nothing will ever happen.")
        if not ready and timeout is not None and timeout > 0:
            self.now_s += timeout + 1e-9
        return ready


class JumpLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now_s

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the caller
            future.set_exception(error)
        return future


def run(story: Coroutine[Any, Any, None]) -> None:
    """Run a story on a loop of its own."""
    with asyncio.Runner(loop_factory=JumpLoop) as runner:
        runner.run(story)
