"""`jikimi subject report`, and her own list of looks, against a whole server."""

from __future__ import annotations

import asyncio

import httpx2
import msgspec
import pytest

from jikimi.cli import app
from jikimi.incidents.status import Status
from jikimi.policy.load import presets
from jikimi.runtime import subject
from jikimi.runtime.server import Server
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.lines import SqlLines
from tests.household import Household
from tests.runtime.test_overseeing import Watched, approach

pytestmark = pytest.mark.sockets


def report(capsys, *words):
    try:
        app(["subject", "report", *words])
    except SystemExit as ended:
        return ended.code or 0, capsys.readouterr()
    return 0, capsys.readouterr()


def test_his_document_is_the_same_bytes_whether_she_was_near_or_never_seen(tmp_path, capsys, monkeypatch):
    found = []
    for name, near in (("near", True), ("far", False)):
        folder = tmp_path / name
        folder.mkdir()

        async def story(folder=folder, near=near):
            house = Watched(folder, 19_350)
            house.staff_up()
            async with Server(house.settings, presets()) as server, httpx2.AsyncClient() as client:
                if near:
                    await approach(house, client, 260.0)
                    (pair,) = [pair for pair in server.hub.pairs() if pair.place_id is None]
                    await server.hub.disclosed("operator", "desk", pair.pair_id, "response", "map:tier")

        asyncio.run(story())
        monkeypatch.setenv("JIKIMI_DATA_DIR", str(folder))
        capsys.readouterr()
        status, out = report(capsys, "m", "--language", "en", "--by", "officer")
        assert (status, out.err) == (0, "")
        found.append(out.out)
    assert found[0] == found[1]
    assert "P" not in found[0].split()
    assert "[" not in found[0]


def test_it_is_written_down_and_nobody_is_invented(tmp_path, capsys, monkeypatch):
    house = Watched(tmp_path, 19_360)
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    assert report(capsys, "m")[0] == 0
    *_, (_, line) = SqlLines(house.register.engine).unwritten()
    assert (line.act, line.what, line.whose[0].value) == ("exported", "subject:report", "m")
    status, out = report(capsys, "stranger")
    assert (status, out.err) == (1, "No order in the register binds a person of that name.\n")


def test_she_sees_who_looked_at_her_by_office_and_purpose(tmp_path):
    async def story():
        house = Watched(tmp_path, 19_370)
        house.staff_up()
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient() as client:
            await approach(house, client)
            (pair,) = [pair for pair in server.hub.pairs() if pair.place_id is None]
            await server.hub.disclosed("operator", "desk", pair.pair_id, "response", "map:tier")
            await server.hub.disclosed("p", "protected", pair.pair_id, "own_safety", "map:inside_ring")
            await house.pair(client)
            looks = (await client.get(f"{house.url('protected')}/api/looks")).json()
            assert [(one["office"], one["purpose"], one["name"]) for one in looks] == [("desk", "response", None)]
            assert await server.overseeing.looks_at("m", names=False) != looks
            (named,) = await server.overseeing.looks_at("p", names=True)
            assert named.name == "operator"

    asyncio.run(story())


def test_the_document_is_the_same_while_an_alarm_of_his_stands(tmp_path, capsys, monkeypatch):
    """An office that sent him away for as long as an alarm stands would tell him that she is near."""
    house = Household(tmp_path, 20_600 * 86_400_000)
    house.live()
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(subject, "now_ms", lambda: 20_601 * 86_400_000)
    asked = ("him-1", "--language", "en", "--by", "officer")
    quiet = report(capsys, *asked)
    with SqlIncidents(house.register.engine).writing() as page:
        page.put_incident(msgspec.structs.replace(page.incident("incident-o1"), status=Status.OPEN, resolved_ms=None))
    assert report(capsys, *asked) == quiet
    assert (quiet[0], quiet[1].err) == (0, "")
    house.close()
