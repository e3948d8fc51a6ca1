"""Watches those who look, beside the server: unusual looks become reviews with an owner. Nothing waits for it, and it closes nothing.

Looks are taken in after they were handed to the ledger. What is counted of a viewer is kept once what it opened is a review, so a restart
goes on counting; a process that is killed loses at most the looks of its last moments, which stand in the ledger all the same.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

import structlog

from jikimi.disclosure import review as reviews
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, LeafError, Personal
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.disclosure.review import Outcome, Review
from jikimi.disclosure.vigil import Finding, Unusual, Vigil
from jikimi.model.access import AccessRules
from jikimi.model.order import Order, Pair
from jikimi.model.policy import Policy
from jikimi.model.record import Disclosed

log = structlog.get_logger(__name__)

OVERSIGHT: Final = "oversight"
MOST_WAITING: Final = 10_000
"""More looks than these wait only if the books cannot be written; then the oldest are given up, and that is said."""
REST_S: Final = 0.2
RETRY_S: Final = 5.0
REVIEW_S: Final = 604_800.0
"""The time for a review that no policy gives a number for: its order has ended."""


class ReviewBooks(Protocol):
    """Where reviews are kept."""

    def put_review(self, review: Review) -> None:
        """Keep a review as it is now."""
        ...

    def review(self, review_id: str) -> Review | None:
        """Return one, or None."""
        ...

    def reviews(self, from_ms: int, until_ms: int) -> list[Review]:
        """Return the open ones, and all opened in [from_ms, until_ms)."""
        ...

    def looks(self) -> list[tuple[str, Unusual, list[int]]]:
        """Return when each viewer looked, of each kind of look that is counted."""
        ...

    def put_looks(self, viewer: str, kind: Unusual, times_ms: Sequence[int]) -> None:
        """Keep when a viewer looked."""
        ...


class Seen(Protocol):
    """What is asked of the running core."""

    def pair(self, pair_id: str) -> Pair | None:
        """Return a pair under watch."""
        ...

    def order(self, order_id: str) -> Order | None:
        """Return an order in force."""
        ...

    def policy(self, order_id: str) -> Policy:
        """Return its policy."""
        ...

    def now_ms(self) -> int:
        """Return the time."""
        ...


class Vigilance:
    """Takes looks in and keeps reviews.

    Args:
        core: the running core.
        books: keep reviews.
        ledger: every review and its outcome stand there too.
        owner_of: returns who has the open incident of a pair, or None; reads books.
        reviewers: returns who may look into a review now.
    """

    def __init__(
        self,
        core: Seen,
        books: ReviewBooks,
        ledger: Ledger,
        owner_of: Callable[[str], str | None],
        reviewers: Callable[[], Sequence[str]],
    ) -> None:
        self._core = core
        self._books = books
        self._ledger = ledger
        self._owner_of = owner_of
        self._reviewers = reviewers
        self._vigil = Vigil()
        for counted in books.looks():
            self._vigil.restore(*counted)
        self._looks: deque[Disclosed] = deque(maxlen=MOST_WAITING)
        self._findings: list[tuple[Finding, float]] = []
        self._unkept: list[tuple[str, Unusual, list[int]]] = []
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self.opened = 0
        """How often a review was opened or met again."""

    def saw(self, look: Disclosed) -> None:
        """Take note of a look; called while a view opens, so it does next to nothing."""
        if look.scope == "closed":
            return
        self._looks.append(look)
        self._wake.set()

    async def work(self) -> None:
        """Look after looks, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except Exception as error:  # noqa: BLE001 - whatever the books' fault is, nobody's alarm depends on it, and it is tried again
                log.warning("looks could not be looked into; it is tried again", kind=type(error).__name__)
                self._wake.set()
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(REST_S)

    async def _catch_up(self) -> None:
        """Count each look once; a finding waits until it is a review, and what was counted until it is kept."""
        while self._looks or self._findings or self._unkept:
            while self._findings:
                await self.open(*self._findings[0])
                del self._findings[0]
            while self._unkept:
                await asyncio.to_thread(self._books.put_looks, *self._unkept[0])
                del self._unkept[0]
            if self._looks:
                await self._count(self._looks[0])

    async def _count(self, look: Disclosed) -> None:
        rules = self._rules(look.pair_id)
        desk = look.audience == Audience.DESK.value
        owner = await asyncio.to_thread(self._owner_of, look.pair_id) if desk and rules is not None else None
        if self._looks[0] is look:  # while the books were read, a flood may have pushed it out
            self._looks.popleft()
        if rules is not None:
            colleagues = owner is not None and owner != look.recipient
            self._findings = [(finding, rules.review_s) for finding in self._vigil.saw(look, rules, colleagues=colleagues)]
            self._unkept = [(look.recipient, *one) for one in self._vigil.counted(look, rules, colleagues=colleagues)]

    def forget(self, viewers: Collection[str]) -> None:
        """Count nothing any more of persons of whom nothing may be known."""
        self._vigil.forget(viewers)

    def _rules(self, pair_id: str) -> AccessRules | None:
        pair = self._core.pair(pair_id)
        if pair is None or self._core.order(pair.order_id) is None:
            return None
        return self._core.policy(pair.order_id).access

    async def open(self, finding: Finding, review_s: float = REVIEW_S) -> Review:
        """Open a review, or count on the open one of the same kind about the same viewer."""
        async with self._writing:
            found = await asyncio.to_thread(self._books.reviews, 0, 0)
            same = next((one for one in found if (one.kind, one.viewer) == (finding.kind, finding.viewer)), None)
            if same is not None and finding.kind is not Unusual.NO_PERMISSION:
                review = reviews.again(same, finding)
            else:
                review = reviews.opened(uuid.uuid4().hex[:12], finding, self._owner(found, finding.viewer), review_s)
                await self._ledger.append(entry(review, f"opened:{finding.kind.value}", finding.at_ms))
            await asyncio.to_thread(self._books.put_review, review)
        self.opened += 1
        return review

    def _owner(self, found: Sequence[Review], viewer: str) -> str | None:
        """Return who has the fewest open reviews of those who may look into this one."""
        loads = {name: sum(one.owner == name for one in found) for name in self._reviewers() if name != viewer}
        return min(loads, key=lambda name: (loads[name], name), default=None)

    async def take(self, review_id: str, by: str) -> Review:
        """Make somebody the owner.

        Raises:
            ReviewError: there is no such review, or it may not be.
        """
        async with self._writing:
            review = reviews.taken(await self._found(review_id), by)
            await asyncio.to_thread(self._books.put_review, review)
        return review

    async def decide(self, review_id: str, by: str, outcome: Outcome, reason: str) -> Review:
        """Say what a look was, and why; it stands in the ledger before it stands in the books.

        Raises:
            ReviewError: there is no such review, it may not be decided so, or the ledger takes no such reason.
            LedgerUnavailableError: it could not be written down, and nothing was decided.
        """
        async with self._writing:
            now_ms = self._core.now_ms()
            review = reviews.decided(await self._found(review_id), by, outcome, reason, now_ms)
            try:
                await self._ledger.append(entry(review, f"decided:{outcome.value}", now_ms))
            except LeafError as error:
                raise reviews.ReviewError(str(error)) from None
            await asyncio.to_thread(self._books.put_review, review)
        return review

    async def _found(self, review_id: str) -> Review:
        review = await asyncio.to_thread(self._books.review, review_id)
        if review is None:
            raise reviews.ReviewError("There is no such review.")
        return review

    async def reviews(self, from_ms: int, until_ms: int) -> list[Review]:
        """Return the open reviews, and all that were opened in [from_ms, until_ms)."""
        return await asyncio.to_thread(self._books.reviews, from_ms, until_ms)


def entry(review: Review, what: str, at_ms: int) -> Act:
    """Return what the ledger says of a review: about whose looks, who decided, and why."""
    by = review.owner
    return Act(
        at_ms=at_ms,
        act="reviewed",
        what=what,
        purpose=OVERSIGHT,
        audience=Audience.OVERSIGHT.value,
        client=Client.SERVICE if review.outcome is None else Client.BROWSER,
        who=None if by is None else Personal(by, by),
        whose=(Personal(review.viewer, review.viewer),),
        reason=None if review.reason is None else Personal(review.viewer, review.reason),
    )
