"""The running core and the register, set by hand."""

from __future__ import annotations

import asyncio

import msgspec

from jikimi.apps.ports import Change, DeviceHealth, Sos
from jikimi.identity.roles import RIGHTS, Role
from jikimi.identity.second import SecondError
from jikimi.ingest.ports import IntakeFailedError
from jikimi.model.record import Security
from tests.disclosure.cases import NOW_MS
from tests.disclosure.fake_evidence import FakeEvidence
from tests.ingest.fakes import FakeIntake


class FakeWatch(FakeEvidence):
    """Time is the event loop's. A view's ages grow with it."""

    def __init__(self) -> None:
        super().__init__()
        self.intake = FakeIntake()
        self.late = 0.0
        self.healths: dict[str, DeviceHealth] = {}
        self.raised: list[Sos] = []
        self.moments: list = []
        self.changes: list[Change] = []
        self.forgot_before = 0
        self.looks = 0
        self.cannot_store = False
        self._number = 1000
        self._wakes: list = []

    def now_ms(self):
        return NOW_MS + round(asyncio.get_running_loop().time() * 1000)

    def late_s(self):
        return self.late

    def pairs(self):
        return list(self.known.values())

    def pairs_of_owner(self, person_id):
        return [pair for pair in self.known.values() if pair.owner_id == person_id]

    def orders_protecting(self, person_id):
        return [order for order in self.orders.values() if person_id in order.protected_ids]

    def calls_without_pair(self):
        return [call for call in self.calls.values() if not self.pairs_of_owner(call.person_id)]

    def view(self, pair_id):
        self.looks += 1
        found = self.views.get(pair_id)
        return None if found is None else self._aged(found)

    def worst(self, limit):
        found = sorted(self.views.values(), key=lambda view: -view.tier)[:limit]
        return [self._aged(view) for view in found]

    def _aged(self, view):
        now_ms = self.now_ms()
        sides = {
            name: None if side is None else msgspec.structs.replace(side, age_s=(now_ms - side.fix_time_ms) / 1000)
            for name, side in (("monitored", view.monitored), ("protected", view.protected))
        }
        return msgspec.structs.replace(view, at_ms=now_ms, **sides)

    def transitions(self, pair_id, limit):
        return [moment for moment in self.moments if moment.pair_id == pair_id][:limit]

    def number(self):
        return self._number

    def changes_after(self, number, pair_ids):
        if number < self.forgot_before or number > self._number:
            return None
        return [c for c in self.changes if c.number > number and (pair_ids is None or c.pair_id in pair_ids)]

    def health(self, person_id):
        return self.healths.get(person_id)

    async def raise_sos(self, sos):
        if self.cannot_store:
            raise IntakeFailedError
        self.raised.append(sos)
        if sos.cancelled_ms is None:
            self.calls.setdefault(sos.person_id, sos)
        else:
            self.calls.pop(sos.person_id, None)

    def subscribe(self, pair_ids, wake):
        entry = (pair_ids, wake)
        self._wakes.append(entry)
        return lambda: self._wakes.remove(entry)

    @property
    def subscribers(self):
        return len(self._wakes)

    # -- what a test makes happen --------------------------------------------------------------------------------

    def moved(self, view):
        """A pair was judged anew."""
        self.views[view.pair_id] = view
        self._tell(Change(number=self._number, pair_id=view.pair_id))

    def turned(self, transition, view=None):
        """A pair changed its tier."""
        if view is not None:
            self.views[view.pair_id] = view
        self.moments.insert(0, transition)
        self._keep(Change(number=self._number + 1, pair_id=transition.pair_id, transition=transition))

    def called(self, pair_id, sos):
        """She called for help, or ended that."""
        self._keep(Change(number=self._number + 1, pair_id=pair_id, sos=sos))

    def alarmed(self, kind):
        """Somebody tried what he may not."""
        self._tell(Change(number=self._number, pair_id="", security=Security(self.now_ms(), kind, "device-secret-name", "native")))

    def _keep(self, change):
        self._number = change.number
        self.changes.append(change)
        self._tell(change)

    def _tell(self, change):
        for pair_ids, wake in list(self._wakes):
            if pair_ids is None or change.pair_id in pair_ids:
                wake(change)


class FakeSession(msgspec.Struct):
    audience: str
    subject: str
    until_ms: int
    how: str = "code"
    is_locked: bool = False


class FakeRegister:
    def __init__(self) -> None:
        self.sessions: dict[str, FakeSession] = {}
        self.codes: dict[str, tuple[str, str]] = {}
        self.known: dict[str, object] = {}
        self.labels = {"person-m": "M. One", "person-h": "H. Two"}
        self.asked = 0
        self.label_calls = 0
        self.broken = False

    def redeem(self, code, audience, now_ms, session_until_ms):
        found = self.codes.get(code)
        if found is None or found[0] != audience:
            return None
        del self.codes[code]
        token = f"token-for-{code}-0123456789abcdef"
        self.sessions[token] = FakeSession(*found, session_until_ms)
        return token

    def session(self, token, audience, now_ms):
        self.asked += 1
        if self.broken:
            raise OSError("the register's disk has gone")
        found = self.sessions.get(token)
        return found if found is not None and found.audience == audience and found.until_ms > now_ms else None

    def standing(self, tokens, audience, now_ms):
        found = {token: self.session(token, audience, now_ms) for token in tokens}
        return {token: session for token, session in found.items() if session is not None}

    def lock_session(self, token, *, is_locked):
        self.sessions[token].is_locked = is_locked

    def end_session(self, token):
        self.sessions.pop(token, None)

    def add_device(self, device):
        self.known[device.device_id] = device

    def revoke_device(self, device_id):
        self.known[device_id] = msgspec.structs.replace(self.known[device_id], revoked=True)

    def devices(self):
        return list(self.known.values())

    def label(self, person_id):
        self.label_calls += 1
        return self.labels.get(person_id)


class FakeStaff:
    """One role for everybody; None: nobody has an account."""

    def __init__(self, role=Role.SUPERVISOR):
        self.role = role

    async def rights(self, subject):
        assert subject
        return frozenset() if self.role is None else RIGHTS[self.role]

    async def fresh_rights(self, subject):
        return await self.rights(subject)


class NothingAsked:
    """Nobody asked for anything, and nobody may be the second person."""

    async def account(self, name):
        assert name

    async def requests(self):
        return []

    async def ask(self, deed, target, detail, by, reason):
        raise SecondError

    async def adopt(self, number, by):
        raise SecondError

    async def confirm(self, number, by):
        raise SecondError

    async def withdraw(self, number, by):
        raise SecondError

    async def refuse(self, number, by, word):
        raise SecondError
