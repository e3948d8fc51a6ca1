"""GET /api/rings: for the desk alone, plain numbers, and one sentence where a question cannot be read."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.apps.rings import SHAPE, AskedRings, Worth, asked_rings
from jikimi.model.policy import AdviceRules
from jikimi.orders.advice import Traffic
from tests.apps.client import Answer, Browser, World, scope_of
from tests.apps.jump_loop import run
from tests.disclosure.cases import KOREA


async def asked(browser, query):
    """GET with a query string."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = scope_of("GET", "/api/rings", browser.headers(None), (browser.client, 4711))
    await browser.app({**scope, "query_string": query.encode()}, receive, send)
    return Answer(sent)


def test_the_advice_for_an_orders_distances():
    async def story():
        answer = await asked(World().staff, "policy=kr&distance_m=500&police_s=480&trips_a_day=2&place=true")
        assert answer.status == 200
        found = answer.json
        assert [(ring["tier"], ring["metres"]) for ring in found["rings"]] == [("watch", 2000), ("warning", 1000), ("danger", 500)]
        danger = found["rings"][2]
        assert danger["warned"][3] == {
            "mode": "car in town, 50 km/h",
            "speed_mps": 13.9,
            "ring_s": pytest.approx(35.97, abs=0.01),
            "warned_s": 120,
            "enough": False,
        }
        assert danger["passes"]["a_day"] == pytest.approx(0.1)
        assert found["needed"][0]["metres"] == pytest.approx(672)
        assert (found["police_s"], found["traffic"]["trips_a_day"]) == (480, 2)

    run(story())


def test_what_is_usual_there_is_the_policys_and_the_question_may_say_otherwise():
    usual = AdviceRules(police_s=300.0, trips_a_day=2.0, city_radius_m=5_000.0, trip_m=4_000.0)
    worth = Worth({"kr": msgspec.structs.replace(KOREA, advice=usual)})
    found = worth.advice(AskedRings(policy="kr"))
    assert (found.police_s, found.traffic) == (300.0, Traffic(trips_a_day=2.0, city_radius_m=5_000.0, trip_m=4_000.0))
    assert found.needed, "it is compared with the police time"
    told = worth.advice(AskedRings(policy="kr", police_s=480.0, trips_a_day=0.0))
    assert (told.police_s, told.traffic.trips_a_day, told.traffic.trip_m) == (480.0, 0.0, 4_000.0)


def test_unknown_is_null():
    async def story():
        found = (await asked(World().staff, "policy=fr")).json
        assert (found["police_s"], found["needed"], found["traffic"]["trip_m"]) == (None, [], None)
        assert found["rings"][0]["warned"][0]["enough"] is None

    run(story())


def test_without_a_session_there_is_no_answer_and_her_app_has_no_such_route():
    async def story():
        world = World()
        assert (await asked(Browser(world.desk, "desk"), "policy=kr")).status == 401
        assert (await asked(world.her, "policy=kr")).status == 404

    run(story())


@pytest.mark.parametrize(
    "query", ["", "policy=kr&distance_m=-1", "policy=kr&distance_m=nan", "policy=kr&police_s=inf", "policy=kr&who=x", "policy=kr&place=7"]
)
def test_a_question_that_cannot_be_read_gets_a_sentence(query):
    async def story():
        answer = await asked(World().staff, query)
        assert (answer.status, answer.json) == (400, {"error": "unreadable", "message": SHAPE})

    run(story())


def test_a_policy_nobody_has():
    async def story():
        answer = await asked(World().staff, "policy=xx")
        assert (answer.status, answer.error, answer.json["message"]) == (404, "policy_unknown", "Known policies are es, fr, kr.")

    run(story())


def test_a_deployers_own_policies_win():
    own = Worth({"kr": KOREA})
    assert own.advice(asked_rings({"policy": "kr"})).rules == f"kr {KOREA.version}"
