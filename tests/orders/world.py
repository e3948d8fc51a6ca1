"""Orders as courts write them, for the stories of this folder. Times are said as Seoul's clock shows them."""

import datetime as dt
from zoneinfo import ZoneInfo

from jikimi.model.order import Place
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing, Status
from jikimi.model.zone import Circle

SEOUL = ZoneInfo("Asia/Seoul")
HOME = Place("home", "home", Circle(37.5, 127.0, 50.0))
SCHOOL = Place("school", "school", Circle(37.52, 127.02, 80.0))


def at(text, zone=SEOUL):
    """Return milliseconds of a local time, such as 2026-03-02 or 2026-03-02 14:30."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def measure(kind, since, until, name=None, **more):
    return Measure(
        measure_id=name or kind, kind=MeasureKind(kind), from_ms=at(since), until_ms=at(until) if until is not None else None, **more
    )


def away(since="2026-03-02", until="2026-06-02", **more):
    return measure("no_approach", since, until, **{"distance_m": 100.0, **more})


def tag(since="2026-03-02", until="2026-06-02", **more):
    return measure("monitoring", since, until, **more)


def court_order(*measures, **more):
    plain = {
        "order_id": "order-1",
        "policy_id": "kr",
        "basis_id": "kr-provisional",
        "legal_basis": "Stalking Punishment Act, art. 9(1)2 and 3-2",
        "owner": "officer-yoon",
        "monitored_ids": ("m-1",),
        "protected": (Protected(person_id="p-1", standing=Standing.VICTIM),),
        "measures": measures or (away(), tag()),
        "status": Status.IN_FORCE,
    }
    return CourtOrder(**{**plain, **more})
