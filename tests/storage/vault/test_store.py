"""The vault: nothing twice, nothing without a permission, and nothing left after erasing."""

import math
import os
import sqlite3
import struct
import subprocess
import sys

import msgspec
import pytest

from jikimi.disclosure.proof import prove
from jikimi.model.fix import Fix, Verdict
from jikimi.model.record import Fixes
from jikimi.orders.project import Span
from jikimi.storage.vault.store import DATA, DAY_MS, KEYS, NotPermittedError, Vault, VaultDamagedError
from jikimi.storage.vault.wrapping import LocalWrapper
from tests.scan import proof_of

NAMING, MASTER, OTHER = (bytes([n]) * 32 for n in (1, 2, 3))
DAY = 20_000
START = DAY * DAY_MS
LATITUDE, LONGITUDE = 37.5665123, 126.9780456


def vault(folder, master=MASTER):
    return Vault(folder, NAMING, LocalWrapper(master))


def record(person, *times):
    fixes = [Fix(f"fix-{person}-{time}", time, LATITUDE, LONGITUDE) for time in times]
    return Fixes(START + 50, f"tag-{person}", person, fixes, [Verdict.USED] * len(fixes))


def times(store, person="m1", start=START - 9 * DAY_MS, end=START + 9 * DAY_MS):
    return [kept.fix.fix_time_ms for kept in store.read(person, start, end, proof_of(person))]


def encodings(value):
    scaled = round(value * 10_000_000)
    return [str(value).encode(), struct.pack("<d", value), struct.pack(">d", value), struct.pack("<i", scaled), struct.pack(">i", scaled)]


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_fixes_come_back_by_the_time_they_were_measured(tmp_path):
    store = vault(tmp_path)
    late = record("m1", START - 5, START, START, START + DAY_MS)
    store.take([(3, late), (4, record("m2", START))], until=6)
    assert times(store) == [START - 5, START, START, START + DAY_MS]
    assert times(store, start=START, end=START + DAY_MS) == [START, START]
    assert times(store, "m2") == [START]
    assert times(store, "nobody") == []
    (kept,) = store.read("m2", START, START + 1, proof_of("m2"))
    assert (kept.received_ms, kept.device_id, kept.fix.latitude, kept.fix.error_m) == (START + 50, "tag-m2", LATITUDE, None)


def test_records_taken_before_are_passed_over_also_after_a_restart(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("m1", START))], until=1)
    store.close()
    store = vault(tmp_path)
    assert store.taken() == 1
    store.take([(1, record("m1", START))], until=1)
    store.take([(1, record("m1", START)), (2, record("m1", START + 1))], until=2)
    assert times(store) == [START, START + 1]


class _Lookalike:
    """Says yes to everything, and is no proof."""

    def covers(self, *_):
        return True


def test_without_a_proof_of_the_gate_for_this_person_and_time_nothing_is_read(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("m1", START))], until=1)
    pieces = prove({"m1": [Span(START, START + 5), Span(START + 10, START + 20)]})
    assert [kept.fix.fix_time_ms for kept in store.read("m1", START, START + 5, pieces)] == [START]
    for proof in (proof_of("m2"), prove({}), _Lookalike(), None):
        with pytest.raises(NotPermittedError):
            store.read("m1", START, START + 1, proof)
    for span in ((START - 1, START + 5), (START, START + 6), (START + 4, START + 11), (START, START + 20)):
        with pytest.raises(NotPermittedError):
            store.read("m1", *span, pieces)


def test_compacting_changes_nothing_and_saves_room(tmp_path):
    store = vault(tmp_path)
    for number in range(1, 41):
        store.take([(number, record("m1", START + number))], until=number)
    before = times(store)
    store.compact("m1", DAY)
    assert times(store) == before
    with sqlite3.connect(tmp_path / DATA) as data:
        ((count, size),) = data.execute("SELECT count(*), sum(length(sealed)) FROM chunks")
    assert count == 1
    assert size < 40 * 12


def test_another_master_key_is_refused_for_reading_and_writing(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("m1", START))], until=1)
    store.close()
    store = vault(tmp_path, OTHER)
    with pytest.raises(VaultDamagedError):
        times(store)
    with pytest.raises(VaultDamagedError):
        store.take([(2, record("m1", START))], until=2)
    assert store.taken() == 1


@pytest.mark.parametrize(
    "change",
    [
        "sealed = zeroblob(40)",
        "sealed = sealed || x'00'",
        "sealed = (SELECT sealed FROM chunks WHERE chunk = 2)",
        # Moved to another day, with the name of that day's key forged.
        "day = day + 1, key_id = (SELECT key_id FROM chunks WHERE chunk = 2)",
    ],
)
def test_changed_and_moved_history_is_found(tmp_path, change):
    store = vault(tmp_path)
    store.take([(1, record("m1", START)), (2, record("m1", START + DAY_MS))], until=2)
    with sqlite3.connect(tmp_path / DATA) as data:
        data.execute(f"UPDATE chunks SET {change} WHERE chunk = 1")
    with pytest.raises(VaultDamagedError):
        times(store)


def test_data_holds_no_name_no_point_and_no_key(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("person-one", START))], until=1)
    found = everything(tmp_path)
    for plain in (b"person-one", b"tag-", b"fix-", MASTER, NAMING, *encodings(LATITUDE), *encodings(LONGITUDE)):
        assert plain not in found
    with sqlite3.connect(tmp_path / KEYS / "keys.db") as keys:
        ((wrapped,),) = keys.execute("SELECT wrapped FROM day_keys")
    assert wrapped not in (tmp_path / DATA).read_bytes()


def test_after_erasing_neither_key_nor_data_is_in_any_file_and_others_stay(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("m1", START, START + DAY_MS)), (2, record("m2", START))], until=2)
    with sqlite3.connect(tmp_path / DATA) as data, sqlite3.connect(tmp_path / KEYS / "keys.db") as keys:
        ((sealed, key_id),) = data.execute("SELECT sealed, key_id FROM chunks WHERE chunk = 1")
        ((wrapped,),) = keys.execute("SELECT wrapped FROM day_keys WHERE key_id = ?", (key_id,))
    backup = (tmp_path / DATA).read_bytes()
    assert sealed in everything(tmp_path)
    assert wrapped in everything(tmp_path)
    store.erase("m1", DAY)
    store.erase("m1", DAY)
    for gone in (sealed, wrapped, key_id):
        assert gone not in everything(tmp_path)
    assert store.days("m1") == [DAY + 1]
    assert times(store) == [START + DAY_MS]
    assert times(store, "m2") == [START]
    store.close()
    (tmp_path / DATA).write_bytes(backup)  # a backup of the data put back brings nothing back
    assert times(vault(tmp_path)) == [START + DAY_MS]


def test_a_day_begun_anew_after_erasing_never_shows_what_was_erased(tmp_path):
    store = vault(tmp_path)
    store.take([(1, record("m1", START))], until=1)
    with sqlite3.connect(tmp_path / KEYS / "keys.db") as keys:
        keys.execute("DELETE FROM day_keys")  # killed between key and data
    store.take([(2, record("m1", START + 7))], until=2)
    assert times(store) == [START + 7]
    store.compact("m1", DAY)
    assert times(store) == [START + 7]


KILLED = """
import os, sys
from pathlib import Path
from tests.storage.vault.test_store import START, record, vault
store = vault(Path(sys.argv[1]))
for number in range(1, 6):
    store.take([(number, record("m1", START + number))], until=number)
store._append = lambda *_: os._exit(9)
store.{what}
"""


@pytest.mark.parametrize("what", ["compact('m1', 20_000)", "take([(6, record('m1', START + 6))], until=6)"])
def test_killed_half_way_nothing_is_lost_or_doubled(tmp_path, what):
    killed = subprocess.run([sys.executable, "-c", KILLED.format(what=what), tmp_path], env={**os.environ, "PYTHONPATH": "."}, check=False)
    assert killed.returncode == 9
    store = vault(tmp_path)
    store.take([(n, record("m1", START + n)) for n in range(1, 8)], until=7)
    assert times(store) == [START + n for n in range(1, 8)]


def test_extreme_numbers_survive(tmp_path):
    fix = Fix("", -(2**62), -90.0, -180.0, math.inf, speed_mps=-0.0, altitude_m=5e-324)
    store = vault(tmp_path)
    store.take([(1, Fixes(2**62, "d", "m1", [fix], [Verdict.FUTURE]))], until=1)
    (kept,) = store.read("m1", -(2**63), 0, proof_of("m1"))
    # A speed of -0.0 and a height of 5e-324 m are 0.0 to the vault's step; an error that is no number stays what it is.
    assert msgspec.msgpack.encode(kept.fix) == msgspec.msgpack.encode(msgspec.structs.replace(fix, speed_mps=0.0, altitude_m=0.0))
