"""A server that says to the desk what a test tells it to: the real pages and headers, scripted boards and queues over a real socket."""

from __future__ import annotations

import msgspec

from jikimi.apps.security import headers_for
from jikimi.apps.static import Static
from jikimi.apps.web import STATIC
from jikimi.disclosure.gate import Audience
from tests.browser.mock_protected import MockProtected, a_map

RIGHTS = ["see_board", "open_position", "see_incidents", "act_on_incidents", "see_wall", "see_office", "settle_tasks", "decide_links"]
SINCE_MS = 1_700_000_000_000
_HEALTH = {"heard_s": 2.0, "fix_age_s": 2.0, "battery_pct": 80, "error_m": 8.0}
_REASON = {"cause": "distance", "rule": "danger_m", "value": 90.0, "limit": 100.0, "side": None}
_NEAR = {"low_m": 90.0, "high_m": 130.0, "contact_s": 40.0, "movement": "approaching", "approach": "monitored", "reasons": [_REASON]}


def row(number, tier="danger", **more):
    """Return one line of the board."""
    found = {"pair": f"p{number}", "label_monitored": f"M {number}", "label_protected": f"P {number}", "place": None, "tier": tier}
    found |= {
        "seen": "live",
        "handset": "live",
        "since_ms": SINCE_MS,
        **_NEAR,
        "unconfirmed": None,
        "sos": None,
        "tag": _HEALTH,
        "phone": _HEALTH,
    }
    return {**found, **more}


def moment(number, at_ms, tier="danger", **more):
    """Return one transition."""
    found = {"pair": f"p{number}", "at_ms": at_ms, "tier_before": "warning", "tier": tier, "seen_before": "live", "seen": "live"}
    found |= {"handset_before": "live", "handset": "live", **_NEAR, "rules": "kr 1", "order": "o"}
    return {**found, **more}


def incident(number, now_ms, **more):
    """Return one line of the queue."""
    found = {"incident": f"i{number}", "pair": f"p{number}", "label_monitored": f"M {number}", "label_protected": f"P {number}"}
    found |= {"kinds": ["approach"], "standing": ["approach"], "status": "open", "outcome": None, "level": "danger", "tier": "danger"}
    found |= {"sight": "live", "contact_s": 40.0, "low_m": 90.0, "opened_ms": now_ms, "owner": "kim", "mine": True, "rung": 0}
    found |= {"rung_due_ms": now_ms + 30_000, "contact_due_ms": now_ms + 60_000, "task_due_ms": now_ms + 30_000}
    tasks = [{"where": where, "responder": "police", "status": "waiting", "changed_ms": now_ms} for where in ("protected", "monitored")]
    return {**found, "tasks": tasks, "members": None, "others": 0, "drill": False, **more}


def member(number, now_ms):
    """Return one pair of an outage; every fourth is seen again."""
    found = {"pair": f"p{number}", "label_monitored": f"M {number}", "label_protected": f"P {number}", "level": "watch", "tier": "clear"}
    return {**found, "contact_s": None, "low_m": None, "since_ms": now_ms - 90_000, "ended_ms": None if number % 4 else now_ms}


def notice(at_ms, **more):
    """Return one notice."""
    tries = [{"channel": "web_push", "at_ms": at_ms + 5, "verdict": "accepted", "why": None}]
    receipts = [{"step": "shown", "at_ms": at_ms + 900}]
    found = {"to": "protected", "title": "t", "text": "x", "state": "shown", "short": False, "made_ms": at_ms}
    return {**found, "tries": tries, "receipts": receipts, **more}


class MockDesk(MockProtected):
    """The desk's server, played."""

    def __init__(self):
        super().__init__()
        self.me = {"demo": False, "rights": RIGHTS, "name": "operator", "how": "passkey", "locked": False, "lock_after_s": 0}
        self.version = 0
        self.queued = []
        self.lines = 20
        self._static = Static(STATIC / "desk")
        self._headers = headers_for(Audience.DESK, tls=False)

    def board(self, rows):
        """Send a board to every open line, and to each new one."""
        self._said = {"at_ms": self.now_ms(), "late_s": 0, "rows": rows, "truncated": 0}
        self._send(self._event(self._said))

    def tell(self, name, data):
        """Send another event."""
        self._send(f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n".encode())

    def _event(self, said):
        self.number += 1
        return f"id: {self.number}\nevent: board\ndata: {msgspec.json.encode(said).decode()}\n\n".encode()

    def _reply(self, method, path, body):
        if path == "/api/me":
            return 200, self.me
        if path == "/api/office":
            return 204, None
        if method == "POST":
            return 204, None
        if path == "/api/incidents":
            return 200, self._queue()
        if path.startswith("/api/incidents/"):
            if path.endswith("/finding"):
                return 200, {"breach": None, "arrested": None, "is_false": None, "harm": None}
            if path.endswith("/members"):
                return 200, {"rows": [member(n, self.now_ms()) for n in range(20)]}
            return 200, [] if path.endswith("/field") else self._whole(path.rpartition("/")[2])
        name = path.rpartition("/")[2]
        page = {"viewer": "kim", "row": row(int(name[1:])), "map": a_map(), "closed": None, "moments": [moment(int(name[1:]), SINCE_MS)]}
        return 200, page

    def _queue(self):
        duties = [{"operator": "kim", "since_ms": SINCE_MS, "load": len(self.queued), "offered_to": None}]
        page = {"version": str(self.version), "at_ms": self.now_ms(), "me": "kim", "on_duty": True, "rows": self.queued[:200]}
        return {**page, "total": len(self.queued), "failed": 0, "duties": duties}

    def _whole(self, name):
        now_ms = self.now_ms()
        told = {"tier": "danger", "sight": "live", "low_m": 90.0, "contact_s": 40.0, "reasons": [_REASON]}
        lines = [
            {"number": n, "at_ms": now_ms - 1_000 * n, "what": "again_approach", "by": "clock", "reason": None, "place": None, "told": told}
            for n in range(1, self.lines)
        ]
        row_ = next((one for one in self.queued if one["incident"] == name), None) or incident(int(name[1:]), now_ms)
        page = {"row": row_, "entries": lines, "moments": [moment(1, now_ms - 500)], "places": {}}
        scripts = [{"kind": "approach", "check": ["a"], "say": ["b"], "him": ["c"], "send": ["d"]}]
        return {
            **page,
            "reports": [now_ms - n for n in range(50)],
            "agencies": {"police": "Police"},
            "notices": [notice(now_ms)] * 5,
            "scripts": [{**scripts[0], "kind": kind} for kind in row_["kinds"]],
        }
