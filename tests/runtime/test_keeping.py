"""The keeper beside a server: a moment that passed while nobody was here is met at the next start, and its faults touch nobody."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import resource
import subprocess
import sys
from pathlib import Path

import httpx2
import msgspec
import pytest

from jikimi.disclosure.ledger.leaf import Act as LedgerAct
from jikimi.disclosure.ledger.leaf import Personal
from jikimi.disclosure.ledger.verify import verify
from jikimi.disclosure.retention.due import DAY_MS
from jikimi.policy.load import presets
from jikimi.runtime import keeping, recovery
from jikimi.runtime.keeper import Look, opened
from jikimi.runtime.keeping import KeepingError
from jikimi.runtime.server import Server
from jikimi.runtime.stores import Stores
from jikimi.storage.journal import JournalDamagedError, SqliteJournal
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import export
from tests import scan
from tests.household import Household
from tests.runtime.test_erasure import HERE, House, acquit, often, open_incidents, recovery_rules, resolve

pytestmark = [pytest.mark.sockets, pytest.mark.usefixtures(often.__name__)]
NOW = 20_600 * DAY_MS + 40_000_000


def test_erasure_has_a_clock_of_its_own_that_survives_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, 20_330)

    async def life() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            await asyncio.to_thread(house.enter, server)
            await house.live(server, client)
            await server.keeping.round()
            for incident in await asyncio.to_thread(open_incidents, server):
                await asyncio.to_thread(resolve, server, incident)
            await asyncio.to_thread(acquit, server, "ours")

    async def afterwards() -> None:
        async with Server(house.settings, presets()) as server:
            for _ in range(600):
                # Whoever reads every file while segments are dropped may find one half gone.
                with contextlib.suppress(JournalDamagedError):
                    if not house.places()["ours"] and not await asyncio.to_thread(server.keeping._retention.under_way):
                        return
                await asyncio.sleep(0.1)
            raise AssertionError("nobody erased it")

    asyncio.run(life())
    assert house.places()["ours"], "the server was stopped before its keeper came to it"
    monkeypatch.setattr(keeping, "FIRST_S", 0.1)
    asyncio.run(afterwards())


def test_a_fault_in_the_vault_touches_no_decision_and_is_loud(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path, 20_340)
    monkeypatch.setattr(keeping, "FIRST_S", 0.1)

    async def life() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            folder = server.stores.vault_folder
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "history.db").write_bytes(b"no database" * 1000)
            await asyncio.to_thread(house.enter, server)
            await house.live(server, client)
            with pytest.raises(KeepingError):
                await server.keeping.round()
            assert await house.send(client, "him-1", HERE) == 200
            assert server.hub.late_s() == 0.0

    asyncio.run(life())
    assert "history is not kept now, nor erased" in capfd.readouterr().out + capfd.readouterr().err


def test_a_full_disk_stops_the_keeper_and_with_room_it_takes_everything_once(tmp_path: Path) -> None:
    house = Household(tmp_path / "data", NOW)
    house.live(fixes=400, step_ms=1_000, near=False)
    settings = msgspec.json.encode(house.settings)
    command = [sys.executable, "-m", "jikimi.runtime.keeper", "look", "--now", str(NOW)]

    def full() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, most))

    assert subprocess.run(command, input=settings, stdout=subprocess.DEVNULL, preexec_fn=full, check=False).returncode != 0
    done = subprocess.run(command, input=settings, stdout=subprocess.PIPE, check=True)
    assert msgspec.json.decode(done.stdout, type=Look).taken == house.stores.reading().last()
    with contextlib.closing(house.stores.vault()) as vault:
        assert len(list(vault.read("him-1", 0, 30_000 * DAY_MS, scan.proof_of("him-1")))) == 400
    server, keeper = os.pipe()
    os.close(server)
    alone = subprocess.run(command, input=settings, stdout=keeper, stderr=subprocess.PIPE, check=True)
    os.close(keeper)
    assert b"BrokenPipe" not in alone.stderr, "a server that was killed is no fault of its keeper"
    house.close()


def test_the_journal_lets_go_of_old_days_and_what_is_left_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = Household(tmp_path / "data", NOW)

    def today() -> dt.date:
        return dt.datetime.fromtimestamp(house.now_ms / 1000, dt.UTC).date()

    monkeypatch.setattr(Stores, "journal", lambda stores: SqliteJournal(stores.folder / "journal", subkey(stores._key, "journal"), today))
    firsts = []
    for _ in range(11):
        house.live(fixes=2, near=False)
        house.now_ms += DAY_MS
        with opened(house.settings, house.now_ms) as keeper:
            keeper.look()
        reading = house.stores.reading()
        firsts.append(reading.first())
        assert recovery.replay(reading, recovery_rules()).difference is None
        assert recovery.recover(reading, recovery_rules()).number == reading.last()
    assert firsts[:7] == [1] * 7, "for a week everything can be run again"
    assert firsts[7:] == sorted({*firsts[7:]}), "from then on a day leaves each day"
    assert firsts[7] > 1
    assert len(reading.checkpoints.bases()) == 8
    house.close()


def test_years_later_the_ledger_forgets_whom_it_was_about_and_every_proof_still_holds(tmp_path: Path) -> None:
    house = House(tmp_path / "data", 20_350)

    async def life() -> None:
        async with Server(house.settings, presets()) as server:
            for name in ("him-1", "her-1"):
                act = LedgerAct(at_ms=1, act="disclosed", what="map", purpose="response", audience="desk", whose=(Personal(name, name),))
                await server._ledger.append(act)
            await asyncio.to_thread(server.keeping._retention.erase_order, "gone", (), {"him-1": 1})
            assert (await server.keeping.round()).subjects == ("him-1",)
            assert (await server.keeping.round()).subjects == ()
            await server._ledger.checkpoint()
            reader = server.stores.ledger_reader()
            assert (reader.about("him-1"), len(reader.about("her-1"))) == ([], 1)
            export.write(reader, tmp_path / "export", range(9))
            reader.close()
            log = server._ledger.verifier
        report = verify(export.read(tmp_path / "export"), log, (), ())
        assert (report.findings, report.size is not None and report.size >= 2) == ([], True)
        assert not scan.found(scan.raw(tmp_path / "export"), {b"him-1"})

    asyncio.run(life())
