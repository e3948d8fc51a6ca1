"""An exercise has an incident of its own: nothing real joins it or waits for it, and it ends by itself."""

import msgspec

from jikimi.incidents.incident import Kind, Outcome, Where
from jikimi.incidents.status import Status, TaskStatus
from jikimi.model.decision import Tier
from tests.incidents.helpers import a_room, approach, engine, plain


def drill(number, at_ms, began=True):
    return msgspec.structs.replace(approach(f"drill.{number}", at_ms, tier=Tier.WARNING if began else Tier.CLEAR, began=began), drill=True)


def test_everything_of_an_exercise_is_marked_and_it_ends_by_itself():
    room, books = a_room(engine())
    incident = room.signal(drill(1, 0), 0)
    assert incident.drill
    assert all(one.drill for _, one in books.notices_after(0))
    room.advance(120_000)
    assert all(one.drill for _, one in books.notices_after(0)), "its clocks are the exercise's too"
    room.task(incident.incident_id, Where.PROTECTED, TaskStatus.SENT, "kim", 121_000)
    ended = room.signal(drill(2, 130_000, began=False), 130_000)
    assert (ended.status, ended.outcome) == (Status.RESOLVED, Outcome.SETTLED)


def test_something_real_ends_an_exercise_and_opens_an_incident_of_its_own():
    for kind in (Kind.SOS, Kind.STRAP, Kind.SILENCE):
        room, books = a_room(engine())
        made_up = room.signal(drill(1, 0), 0)
        room.acknowledge(made_up.incident_id, "kim", 5)
        number = books.notices_after(0)[-1][0]
        real = room.signal(plain(kind, 1, 10), 10)
        assert real.incident_id != made_up.incident_id
        assert (real.drill, real.kinds) == (False, (kind,))
        told = [one for _, one in books.notices_after(number) if one.incident_id == real.incident_id]
        assert told
        assert not any(one.drill for one in told)
        assert [row.worst.incident_id for row in room.queue()] == [real.incident_id]


def test_no_exercise_joins_what_is_real_and_no_end_of_something_real_ends_it():
    room, books = a_room(engine())
    real = room.signal(approach(1, 0), 0)
    number = books.notices_after(0)[-1][0]
    assert room.signal(drill(1, 10), 10) == real
    assert books.notices_after(number) == []
    room, _ = a_room(engine())
    made_up = room.signal(drill(1, 0), 0)
    assert room.signal(plain(Kind.BATTERY, 1, 5, began=False), 5).incident_id == made_up.incident_id
    assert room.approaches() == {}, "no real distance is told to an exercise"
