"""A whole server with eyes on those who look: look-ups, reviews, the month, proofs that hold offline, and a copy that is erased."""

from __future__ import annotations

import asyncio
import datetime as dt

import httpx2
import pytest

from jikimi.apps.overseeing import Question
from jikimi.cli import app
from jikimi.disclosure.review import Outcome
from jikimi.identity.roles import Role
from jikimi.orders.codes import new_code
from jikimi.policy.load import presets
from jikimi.runtime.overseeing import month_ms
from jikimi.runtime.server import Server
from jikimi.storage.identity import SqlStaff
from tests.runtime.test_server import DAY_MS, House, now_ms

pytestmark = pytest.mark.sockets
PORT = 19_300


class Watched(House):
    """A house with an auditor, a data protection officer, an operator and a police officer."""

    def staff_up(self):
        staff, until = SqlStaff(self.register.engine), now_ms() + DAY_MS
        staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=until)
        self.codes = {}
        for name, role in (("dpo", Role.DATA_PROTECTION), ("operator", Role.OPERATOR), ("inspector", Role.POLICE)):
            self.codes[name] = new_code()
            staff.add(name, role, "chief", self.codes[name], now_ms=1, until_ms=until)

    async def sign_in(self, client, audience, name):
        base = self.url(audience)
        answer = await client.post(f"{base}/api/pair", json={"code": self.codes[name]}, headers={"Origin": base})
        assert answer.status_code == 204, answer.text
        return {"Cookie": answer.headers["set-cookie"].split(";")[0], "Origin": base}


async def approach(house, client, at_m=76.0):
    for number in range(6):
        for device, metres in (("phone", 0.0), ("tag", at_m)):
            assert (await house.send(client, device, metres, number=number)).status_code == 200


def test_who_looked_is_found_by_person_officer_and_purpose_and_the_question_is_written_down(tmp_path):
    async def story():
        house = Watched(tmp_path, PORT)
        house.staff_up()
        async with Server(house.settings, presets()), httpx2.AsyncClient() as client:
            await approach(house, client)
            desk = await house.sign_in(client, "desk", "operator")
            async with client.stream("GET", f"{house.url('desk')}/api/stream", headers=desk) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: ") and '"rows"' in line:
                        name = line.split('"pair":"')[1].split('"')[0]
                        break
            page = await client.get(f"{house.url('desk')}/api/pairs/{name}", headers=desk)
            assert page.json()["map"] is not None
            dpo = await house.sign_in(client, "oversight", "dpo")
            base = house.url("oversight")

            async def rows(**asked):
                answer = await client.post(f"{base}/api/lookups", json=asked, headers=dpo)
                assert answer.status_code == 200, answer.text
                return answer.json()["rows"]

            (seen,) = [row for row in await rows(person="m") if row["act"] == "disclosed"]
            assert (seen["who"], seen["what"], seen["purpose"], seen["audience"]) == ("operator", "map:tier", "response", "desk")
            assert {"id": "m", "label": "M"} in seen["whose"]
            assert [row["act"] for row in await rows(officer="operator") if row["audience"] == "desk"] == ["disclosed"]
            asked = await rows(purpose="oversight")
            assert [row["what"] for row in asked] == ["ledger:purpose", "ledger:officer", "ledger:person"]
            assert all(row["who"] == "dpo" for row in asked)
            assert "37.5" not in str(await rows())
            month = dt.datetime.now(dt.UTC).strftime("%Y-%m")
            report = (await client.get(f"{base}/api/report/{month}", headers=dpo)).json()
            assert {"name": "operator", "count": 1} in report["officers"]
            assert {"name": "response", "count": 1} in report["purposes"]
            carried = {"Cookie": desk["Cookie"].replace("jikimi-desk", "jikimi-oversight")}
            assert (await client.get(f"{base}/api/me", headers=carried)).status_code == 401

    asyncio.run(story())


def test_proofs_hold_offline_and_a_forged_one_does_not(tmp_path, capsys):
    async def story():
        house = Watched(tmp_path / "data", PORT + 10)
        house.staff_up()
        async with Server(house.settings, presets()) as server:
            overseen = server.overseeing
            for person in ("m", "p", "m"):
                await overseen.lookups(Question(person=person), "dpo")
            await server._ledger.checkpoint()
            head = await overseen.head()
            (tmp_path / "checkpoint").write_text(head.note)
            (tmp_path / "one.tlog-proof").write_text(await overseen.proof(0, "dpo"))
            await overseen.lookups(Question(), "dpo")
            await server._ledger.checkpoint()
            (tmp_path / "more.tlog-consistency").write_text(await overseen.consistency(head.size, "dpo"))
            return head

    head = asyncio.run(story())

    def verify(*words):
        try:
            app(["ledger", "verify", *map(str, words), "--key", head.key])
        except SystemExit as ended:
            return ended.code or 0
        return 0

    assert verify(tmp_path / "one.tlog-proof") == 0
    assert verify(tmp_path / "more.tlog-consistency", "--known", tmp_path / "checkpoint") == 0
    assert f"All {head.size} entries" in capsys.readouterr().out
    assert verify(tmp_path / "more.tlog-consistency") == 1
    text = (tmp_path / "more.tlog-consistency").read_text()
    first, rest = text.split("\n", 1)
    step = rest.split("\n", 1)[0]
    forged = text.replace(step, ("A" if step[0] != "A" else "B") + step[1:], 1)
    (tmp_path / "forged.tlog-consistency").write_text(forged)
    assert (first, verify(tmp_path / "forged.tlog-consistency", "--known", tmp_path / "checkpoint")) == (f"old {head.size}", 2)


def test_an_inspectors_emergency_copy_comes_from_history_and_is_permitted_or_goes(tmp_path):
    async def story():
        house = Watched(tmp_path, PORT + 20)
        house.staff_up()
        began_ms = now_ms()
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient() as client:
            await approach(house, client)
            desk = await house.sign_in(client, "desk", "inspector")
            body = {
                "order_id": "order",
                "person_id": "m",
                "reason": "a robbery",
                "from_ms": began_ms - 1_000,
                "to_ms": now_ms(),
                "emergency": True,
            }
            made = await client.post(f"{house.url('desk')}/api/copies", json=body, headers=desk)
            assert made.status_code == 201, made.text
            copy = made.json()["copy_id"]
            read = await client.post(f"{house.url('desk')}/api/copies/read", json={"copy": copy}, headers=desk)
            assert len(read.text.splitlines()) == 6
            dpo = await house.sign_in(client, "oversight", "dpo")
            day_ms = 86_400_000
            court = {"copy": copy, "court": "Seoul Central District Court", "number": "cho 77", "document": "0" * 64}
            when = {"decided_ms": began_ms, "until_ms": began_ms + 3 * day_ms}
            told = await client.post(f"{house.url('oversight')}/api/copies/permit", json=court | when, headers=dpo)
            assert told.status_code == 204, told.text
            (shown,) = (await client.get(f"{house.url('oversight')}/api/copies", headers=dpo)).json()
            assert (shown["status"], shown["decision"]["number"]) == ("permitted", "cho 77")
            assert "latitude" not in str(shown)
            again = await client.post(f"{house.url('desk')}/api/copies", json=body, headers=desk)
            await server.overseeing.forget(["m"])
            gone = await client.post(f"{house.url('desk')}/api/copies/read", json={"copy": again.json()["copy_id"]}, headers=desk)
            assert gone.status_code == 409

    asyncio.run(story())


def test_unusual_looks_at_the_desk_become_a_review_and_never_close_a_view(tmp_path):
    async def story():
        house = Watched(tmp_path, PORT + 30)
        house.staff_up()
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient() as client:
            await approach(house, client)
            (pair_id,) = [pair.pair_id for pair in server.hub.pairs() if pair.place_id is None]
            for _ in range(40):
                await server.hub.disclosed("operator", "desk", pair_id, "response", "map:tier")
            for _ in range(100):
                reviews = await server.overseeing.reviews()
                if reviews:
                    break
                await asyncio.sleep(0.05)
            (review,) = reviews
            assert (review.kind, review.viewer, review.owner) == ("many_views", "operator", "dpo")
            await server.hub.disclosed("operator", "desk", pair_id, "response", "map:tier")
            await server.overseeing.decide(review.review_id, "dpo", Outcome.JUSTIFIED, "a long night")
            rows = (await server.overseeing.lookups(Question(officer="dpo"), "dpo")).rows
            assert "decided:justified" in {row.what for row in rows}

    asyncio.run(story())


@pytest.mark.parametrize("month", ["2026", "2026-1", "2026-13", "26-11", "2026-1a", "٢٠٢٦-11", ""])
def test_what_is_no_month(month):
    with pytest.raises(ValueError):
        month_ms(month)


def test_a_month_ends_where_the_next_one_begins():
    assert month_ms("2026-12")[1] == month_ms("2027-01")[0]
