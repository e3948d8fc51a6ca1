"""A thread that does together what many wait for: everything that queued up while it worked is its next piece of work.

So one sync of the disk serves all who came meanwhile, however many they are. The journal and the ledger are written this way.

The thread is woken once for all that an event loop hands over in one round, not for each piece: waking it is a call into the system, and
it takes the interpreter from the loop at the loop's next call, to work on one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

# What is done together at most, unless a single piece is larger: a reader holds a whole row in memory.
COMMIT_BYTES: Final = 1 << 20

Work = TypeVar("Work")
Answer = TypeVar("Answer")


class Waiting(NamedTuple, Generic[Work, Answer]):
    """One piece of work that somebody waits for; ``size`` in bytes."""

    work: Work
    size: int
    future: asyncio.Future[Answer]


def never_idle() -> float | None:
    """Do nothing while nobody waits."""
    return None


class Gatherer(Generic[Work, Answer]):
    """Owns the thread and the queue.

    Args:
        name: the thread's name.
        store: does pieces of work together and returns an answer for each; whatever it raises, nothing of them was done.
        failure: makes the error that those who wait are told then: each has its own, since raising one writes a traceback into it.
        end: called in the thread when it ends.
        idle: called in the thread whenever the queue is empty; returns after how many seconds it wants to be called again, or None.
    """

    def __init__(
        self,
        name: str,
        store: Callable[[Sequence[Work]], Sequence[Answer]],
        *,
        failure: Callable[[], Exception],
        end: Callable[[], None],
        idle: Callable[[], float | None] = never_idle,
    ) -> None:
        self._store = store
        self._failure = failure
        self._end = end
        self._idle = idle
        self._closing = False
        self._ended = False
        self._queue: deque[Waiting[Work, Answer]] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._will_ring: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, waiting: Waiting[Work, Answer]) -> None:
        """Queue one piece of work, in the thread of its future's loop. Never blocks. After the end its future fails."""
        self._queue.append(waiting)
        loop = waiting.future.get_loop()
        # A loop that ended before it rang is another one than this: nobody relies on its ringing.
        if self._will_ring is not loop:
            self._will_ring = loop
            loop.call_soon(self._ring)
        if self._ended:
            self._refuse_rest()

    def close(self) -> None:
        """Do what is queued and end the thread. Blocks."""
        self._closing = True
        self._bell.put(None)
        self._thread.join()

    def _ring(self) -> None:
        self._will_ring = None
        # What has rung already and was not heard yet is enough: the thread looks at the queue after it.
        if self._bell.empty():
            self._bell.put(None)

    def _run(self) -> None:
        going = True
        while going:
            together, going = self._next()
            if together:
                self._do(together)
        self._end()
        # Whoever queues from now on sees the flag; whoever queued before is refused here. Nobody waits for ever.
        self._ended = True
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._tell([self._queue.popleft()], None)

    def _next(self) -> tuple[list[Waiting[Work, Answer]], bool]:
        """Wait for a piece of work; return it with all that is queued behind it, and whether more may come."""
        if not self._wait():
            return [], False
        together: list[Waiting[Work, Answer]] = []
        size = 0
        while self._queue and size < COMMIT_BYTES:
            waiting = self._queue.popleft()
            together.append(waiting)
            size += waiting.size
        return together, True

    def _wait(self) -> bool:
        """Wait until something is queued; return False when nothing is and the end has come."""
        while True:
            # Looked at in this order: what was put before the end is done.
            closing = self._closing
            if self._queue:
                return True
            if closing:
                return False
            wait_s = self._idle()
            with contextlib.suppress(queue.Empty):
                self._bell.get(timeout=wait_s)

    def _do(self, together: list[Waiting[Work, Answer]]) -> None:
        try:
            answers = self._store([waiting.work for waiting in together])
        except Exception:  # noqa: BLE001 - whatever went wrong: those who wait must hear of it, and the thread must live
            self._tell(together, None)
        else:
            self._tell(together, answers)

    def _tell(self, together: list[Waiting[Work, Answer]], answers: Sequence[Answer] | None) -> None:
        told: Sequence[Answer | None] = [None] * len(together) if answers is None else answers
        pairs = [(waiting.future, answer) for waiting, answer in zip(together, told, strict=True)]
        loops = {future.get_loop() for future, _ in pairs}
        for loop in loops:
            # There is one, but for a moment in which a loop ended and another began.
            mine = pairs if len(loops) == 1 else [one for one in pairs if one[0].get_loop() is loop]
            # A loop that is closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._settle, mine)

    def _settle(self, answers: Iterable[tuple[asyncio.Future[Answer], Answer | None]]) -> None:
        for future, answer in answers:
            if future.done():
                continue
            if answer is None:
                future.set_exception(self._failure())
            else:
                future.set_result(answer)
