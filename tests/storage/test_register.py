"""The register: what is entered is found again, by its key alone, by whoever may, and once where once is promised."""

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import msgspec
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.order import Device, DeviceKind, Order, Place
from jikimi.model.zone import Circle, Polygon
from jikimi.runtime.ports import Session
from jikimi.storage import database
from jikimi.storage.database import RegisterRefusedError, open_database, writing
from jikimi.storage.lines import SqlLines
from jikimi.storage.migrate import migrate, steps
from jikimi.storage.register import SqlRegister
from jikimi.storage.schema import REVISION, metadata

KEY = bytes(range(32))
CODE = "7KQ2M-9XWPA"
TAG = Device(device_id="tag-1", kind=DeviceKind.TAG, person_id="m-1", secret_sha256=b"\x01" * 32)
GATEWAY = Device(device_id="gate-1", kind=DeviceKind.GATEWAY, person_id=None, secret_sha256=b"\x02" * 32, sealing_key=b"\x03" * 32)
ORDER = Order(
    order_id="order-1",
    policy_id="kr",
    monitored_id="m-1",
    protected_ids=("p-1", "p-2"),
    places=(
        Place("home", "home", Circle(37.5, 127.0, 0.0)),
        Place("school", "school", Polygon(((37.5, 127.0), (37.51, 127.0), (37.51, 127.01)))),
    ),
    distance_m=0.0,
    from_ms=1_000,
    until_ms=9_000,
    legal_basis="Stalking Punishment Act, art. 9 ① 3-2",
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.db"


@pytest.fixture
def register(path):
    opened = SqlRegister(path, KEY)
    yield opened
    opened.close()


@contextmanager
def sqlite_counting(register):
    """Collect the statements that write."""
    seen = []
    note = lambda *given: seen.append(given[2]) if not given[2].startswith(("SELECT", "BEGIN")) or "IMMEDIATE" in given[2] else None  # noqa: E731
    sa.event.listen(register.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(register.engine, "before_cursor_execute", note)


def test_what_was_entered_is_found_after_a_restart(path):
    first = SqlRegister(path, KEY)
    first.add_person("p-1", "지킴이 1")
    first.add_devices([TAG, GATEWAY])
    first.add_order(ORDER)
    first.close()
    second = SqlRegister(path, KEY)
    assert (second.label("p-1"), second.label("p-9")) == ("지킴이 1", None)
    assert second.devices() == [GATEWAY, TAG]
    assert second.orders() == [ORDER]
    second.close()


def test_entering_an_id_again_replaces_what_was_there(register):
    register.add_person("p-1", "old")
    register.add_persons([("p-1", "new"), ("p-2", "other")])
    register.add_device(TAG)
    register.add_device(msgspec.structs.replace(TAG, person_id="m-2"))
    register.add_orders([ORDER, msgspec.structs.replace(ORDER, distance_m=None)])
    assert (register.label("p-1"), register.label("p-2")) == ("new", "other")
    assert [device.person_id for device in register.devices()] == ["m-2"]
    assert [order.distance_m for order in register.orders()] == [None]


def test_a_revoked_device_keeps_all_but_its_word(register):
    register.add_devices([TAG, GATEWAY])
    register.revoke_device("tag-1")
    assert register.devices() == [GATEWAY, msgspec.structs.replace(TAG, revoked=True)]


def test_the_register_itself_ends_no_order_for_the_clerk_would_undo_it(register):
    assert not hasattr(register, "end_order")


def test_what_is_not_there_cannot_be_revoked(register):
    before = register.version()
    with pytest.raises(LookupError):
        register.revoke_device("tag-1")
    assert register.version() == before


def test_the_version_tells_of_devices_and_orders_from_any_process(path, register):
    other = SqlRegister(path, KEY)
    seen = [register.version()]
    for change in (
        lambda: other.add_device(TAG),
        lambda: other.revoke_device("tag-1"),
        lambda: other.add_order(ORDER),
        lambda: other.revoke_device("tag-1"),
    ):
        change()
        seen.append(register.version())
    other.add_person("p-1", "x")
    other.add_invitation(CODE, "protected", "p-1", 100)
    other.close()
    assert len(set(seen)) == len(seen)
    assert register.version() == seen[-1]


@pytest.mark.parametrize("typed", [CODE, "7kq2m9xwpa", " 7KQ2M 9XWPA ", "7-K-Q-2-M-9-X-W-P-A"])
def test_a_code_becomes_a_session_however_it_is_typed_and_only_once(register, typed):
    register.add_invitation(CODE, "protected", "p-1", 100)
    token = register.redeem(typed, "protected", 99, 5_000)
    assert register.session(token, "protected", 4_999) == Session(audience="protected", subject="p-1", until_ms=5_000)
    assert register.redeem(typed, "protected", 99, 5_000) is None


def test_no_code_works_late_wrongly_or_unasked(register):
    register.add_invitation(CODE, "protected", "p-1", 100)
    assert register.redeem("7KQ2M-9XWPB", "protected", 50, 5_000) is None
    assert register.redeem("not a code", "protected", 50, 5_000) is None
    assert register.redeem(CODE, "protected", 100, 5_000) is None
    assert register.redeem(CODE, "protected", 50, 5_000) is None, "what was swept out does not come back when a clock is set back"


def test_an_invitation_needs_a_code(register):
    with pytest.raises(ValueError, match="ten letters"):
        register.add_invitation("hello", "protected", "p-1", 100)


def test_a_session_is_of_one_audience_for_a_time(register):
    register.add_invitation(CODE, "protected", "p-1", 100)
    token = register.redeem(CODE, "protected", 1, 5_000)
    assert register.session(token, "desk", 2) is None
    assert register.session(token, "", 2) is None
    assert register.session(token + "x", "protected", 2) is None
    assert register.session("\udcff", "protected", 2) is None
    assert register.session(token, "protected", 5_000) is None
    register.end_session(token)
    register.end_session(token)
    assert register.session(token, "protected", 2) is None


def test_of_many_who_type_the_same_code_one_gets_in(path, register):
    other = SqlRegister(path, KEY)
    register.add_invitation(CODE, "protected", "p-1", 100)
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda i: (register, other)[i % 2].redeem(CODE, "protected", 1, 5_000), range(32)))
    other.close()
    assert sum(token is not None for token in tokens) == 1


def test_writers_in_many_threads_lose_nothing(register):
    before = register.version()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: register.add_device(msgspec.structs.replace(TAG, device_id=f"tag-{i}")), range(64)))
    assert len(register.devices()) == 64
    assert register.version() == before + 64


def test_nothing_can_be_read_without_the_key(path):
    register = SqlRegister(path, KEY)
    register.add_person("person-in-clear", "Label in clear")
    register.add_device(TAG)
    register.add_invitation(CODE, "protected", "person-in-clear", 100)
    token = register.redeem(CODE, "protected", 1, 5_000)
    files = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert f"{path.name}-wal" in files
    secrets = [
        b"person-in-clear",
        b"Label in clear",
        TAG.secret_sha256,
        token.encode(),
        b"CREATE TABLE",
        hashlib.sha256(token.encode()).digest(),
    ]
    assert [(name, secret) for name, data in files.items() for secret in secrets if secret in data] == []
    register.close()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT * FROM persons")
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("harm", ["key", "bit", "text"])
def test_a_register_that_cannot_be_read_is_refused_in_one_sentence(path, harm):
    SqlRegister(path, KEY).close()
    data = bytearray(path.read_bytes())
    data[100] ^= harm == "bit"
    path.write_bytes(b"not a database, but long enough to look like one " * 100 if harm == "text" else data)
    with pytest.raises(RegisterRefusedError, match="another master key, or it is damaged"):
        SqlRegister(path, KEY[::-1] if harm == "key" else KEY)


def test_a_register_that_another_process_holds_is_not_called_damaged(path, monkeypatch):
    register = SqlRegister(path, KEY)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.01)
    with writing(register._engine) as connection, connection.begin():
        connection.execute(sa.text("DELETE FROM alembic_version"))
    with writing(register._engine) as connection, connection.begin(), pytest.raises(RegisterRefusedError, match="another process"):
        SqlRegister(path, KEY)
    register.close()


def test_an_error_tells_no_secret(path, register):
    with writing(register._engine) as connection, connection.begin():
        connection.execute(sa.text("DROP TABLE sessions"))
    with pytest.raises(sa.exc.DatabaseError) as failed:
        register.session("secret-token", "protected", 1)
    assert "secret" not in str(failed.value)
    assert hashlib.sha256(b"secret-token").hexdigest() not in str(failed.value)
    assert "parameters hidden" in str(failed.value)


def test_migrations_leave_exactly_the_tables_the_program_uses(path):
    assert steps()[-1] == REVISION
    engine = open_database(path, KEY)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrations_go_up_and_down_with_rows(path):
    register = SqlRegister(path, KEY)
    register.add_person("p-1", "x")
    register.add_device(TAG)
    register.add_order(ORDER)
    with writing(register._engine) as connection:
        migrate(connection, "base")
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
    register.close()
    again = SqlRegister(path, KEY)
    assert (again.devices(), again.orders(), again.label("p-1"), again.version()) == ([], [], None, 0)
    again.close()


def test_a_newer_programs_register_is_refused_and_left_alone(path):
    register = SqlRegister(path, KEY)
    register.add_device(TAG)
    with writing(register._engine) as connection, connection.begin():
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RegisterRefusedError, match="newer version"):
        SqlRegister(path, KEY)
    assert register.devices() == [TAG]
    register.close()


@given(text=st.text(max_size=30))
def test_any_text_may_be_typed_as_a_code(shared, text):
    assert shared.redeem(text, "protected", 1, 2) is None
    assert shared.session(text, "protected", 1) is None


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    opened = SqlRegister(tmp_path_factory.mktemp("register") / "register.db", KEY)
    yield opened
    opened.close()


def test_many_may_open_a_new_register_at_once(path):
    with ThreadPoolExecutor(12) as pool:
        opened = list(pool.map(lambda _: SqlRegister(path, KEY), range(12)))
    opened[0].add_device(TAG)
    assert all(register.devices() == [TAG] for register in opened)
    for register in opened:
        register.close()


def test_a_code_typed_at_another_audience_is_not_used_up(register: SqlRegister) -> None:
    register.add_invitation(CODE, "protected", "p-1", 100)
    assert register.redeem(CODE, "desk", 50, 5_000) is None
    assert register.redeem(CODE, "protected", 50, 5_000) is not None


def wrong_half(code):
    """Return a code that names the same invitation and does not prove it."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def test_five_wrong_second_halves_lock_an_invitation_and_no_other(register):
    register.add_invitation(CODE, "protected", "p-1", 100)
    register.add_invitation("AAAAA-BBBBB", "protected", "p-2", 100)
    for _ in range(5):
        assert register.redeem(wrong_half(CODE), "protected", 1, 100) is None
    assert register.redeem(CODE, "protected", 1, 100) is None, "locked"
    assert register.redeem("AAAAA-BBBBB", "protected", 1, 100) is not None
    (line,) = [act for _, act in SqlLines(register.engine).unwritten()]
    assert (line.what, line.whose[0].value) == ("invitation:locked", "p-1")


def test_four_failures_and_the_right_code_still_sign_in(register):
    register.add_invitation(CODE, "protected", "p-1", 100)
    for _ in range(4):
        register.redeem(wrong_half(CODE), "protected", 1, 100)
    assert register.redeem(CODE, "protected", 1, 100) is not None


def test_a_guess_that_names_no_invitation_writes_nothing(register, path):
    register.add_invitation(CODE, "protected", "p-1", 100)
    with sqlite_counting(register) as writes:
        for n in range(40):
            assert register.redeem(f"ZZZZZ-{n:05}", "protected", 1, 100) is None
    assert writes == []
