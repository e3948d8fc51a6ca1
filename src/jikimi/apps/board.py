"""The desk's board: the most urgent pairs, made once a second for all desks together.

What differs between two desks is only the name each knows a pair by; so a row is encoded once, without it, and every desk puts
its own names in front.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from jikimi.apps.ports import Sos, Watch
from jikimi.apps.register import Register
from jikimi.apps.session import Alias
from jikimi.disclosure.frames import Labels, place_kind, row_of
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import Glance, Viewer
from jikimi.disclosure.wire import Calling, Row
from jikimi.model.order import Pair

MOST_ROWS: Final = 500
FRESH_S: Final = 0.95
"""A board younger than this serves another desk as well."""
SLICE: Final = 50
"""Rows made in one go; then others get their turn, so that no fix waits for a board."""
LABEL_S: Final = 300.0
MOST_LABELS: Final = 20_000
_CUT: Final = len(b'{"pair":""')
"""How an encoded row begins, up to where the pair's name ends."""
_encode = msgspec.json.Encoder().encode


class LabelBook:
    """What persons are called. Asked of the register on a thread, many at once, and believed for five minutes."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._known: OrderedDict[str, tuple[float, str | None]] = OrderedDict()

    async def learn(self, person_ids: Iterable[str]) -> None:
        """Make sure that these persons' labels are known."""
        now_s = asyncio.get_running_loop().time()
        missing = {person_id for person_id in person_ids if self._known.get(person_id, (0.0, None))[0] <= now_s}
        if not missing:
            return
        for person_id, label in await asyncio.to_thread(lambda: [(one, self._register.label(one)) for one in missing]):
            self._known[person_id] = (now_s + LABEL_S, label)
            self._known.move_to_end(person_id)
        while len(self._known) > MOST_LABELS:
            self._known.popitem(last=False)

    def label(self, person_id: str) -> str | None:
        """Return what a person is called, as far as it was learned."""
        return self._known.get(person_id, (0.0, None))[1]

    def of(self, pair: Pair) -> Labels:
        """Return what the two persons of a pair are called; unknown is None."""
        return Labels(self._known.get(pair.monitored_id, (0.0, None))[1], self._known.get(pair.owner_id, (0.0, None))[1])


class Board:
    """Makes rows, and whole boards of them.

    Args:
        watch: the running core.
        labels: what persons are called.
    """

    def __init__(self, watch: Watch, labels: LabelBook) -> None:
        self._watch = watch
        self._labels = labels
        self._rows: list[tuple[str, bytes]] = []
        self._head = b""
        self._tail = b""
        self._counts: dict[str, int] = {}
        self._made_s: float | None = None
        self._making = asyncio.Lock()

    async def _fresh(self) -> None:
        async with self._making:
            now_s = asyncio.get_running_loop().time()
            if self._made_s is None or now_s - self._made_s >= FRESH_S:
                await self._make()
                self._made_s = now_s

    async def counted(self) -> bytes:
        """Return what a locked screen shows: how many pairs stand how."""
        await self._fresh()
        return self._head + b'],"truncated":0,"counts":' + _encode(self._counts) + b"}"

    async def encoded(self, alias: Alias) -> bytes:
        """Return the board as one desk sees it."""
        await self._fresh()
        rows = b",".join([b'{"pair":"%s"%s' % (alias(pair_id).encode(), rest) for pair_id, rest in self._rows])
        return self._head + rows + self._tail

    async def row(self, glance: Glance, alias: Callable[[str], str]) -> Row:
        """Return one row."""
        await self._labels.learn((glance.pair.monitored_id, glance.pair.owner_id))
        return self._row(glance, alias)

    async def _make(self) -> None:
        watch = self._watch
        now_ms, late_s = watch.now_ms(), round(watch.late_s(), 1)
        found = [(watch.pair(view.pair_id), view) for view in watch.worst(MOST_ROWS)]
        await self._labels.learn({person for pair, _ in found if pair is not None for person in (pair.monitored_id, pair.owner_id)})
        # A row shows no map, so this viewer opens nothing and is forgotten at once.
        viewer = Viewer(watch, Audience.DESK, "")
        rows: list[tuple[str, bytes]] = []
        counts: Counter[str] = Counter()
        calling: set[str] = set()
        for start in range(0, len(found), SLICE):
            if start:
                await asyncio.sleep(0)
            glances = [viewer.judge(pair, view, now_ms) for pair, view in found[start : start + SLICE] if pair is not None]
            for glance in glances:
                if glance is not None:
                    row = self._row(glance, lambda _: "")
                    rows.append((glance.pair.pair_id, _encode(row)[_CUT:]))
                    counts[face_of(row)] += 1
                    if row.sos is not None:
                        calling.add(glance.pair.owner_id)
        left_out = max(0, len(watch.pairs()) - len(rows)) if len(found) >= MOST_ROWS else 0
        self._rows = rows
        # Somebody with a home and a tag on him has two pairs and calls once; one without a tag calls without a pair.
        self._counts = {**counts, "sos": len(calling) + len(watch.calls_without_pair())}
        self._head = b'{"at_ms":%d,"late_s":%s,"rows":[' % (now_ms, _encode(late_s))
        self._tail = b'],"truncated":%d}' % left_out

    def _row(self, glance: Glance, alias: Callable[[str], str]) -> Row:
        watch, pair = self._watch, glance.pair
        return row_of(
            glance,
            alias,
            self._labels.of(pair),
            watch.health(pair.monitored_id),
            None if pair.protected_id is None else watch.health(pair.protected_id),
            place=place_kind(pair, watch.order(pair.order_id)),
            sos=_calling(watch.sos_of(pair.owner_id)),
        )


def face_of(row: Row) -> str:
    """Return the one word under which the desk counts a pair."""
    if row.sos is not None:
        return "sos"
    if row.tier in {"danger", "warning"}:
        return row.tier
    return "blind" if "blind" in {row.seen, row.handset} else row.tier


def _calling(sos: Sos | None) -> Calling | None:
    return None if sos is None else Calling(since_ms=sos.at_ms, silent=sos.silent)
