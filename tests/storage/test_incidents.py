"""Incidents in the sealed register: what one process kept, the next one finds, clock and notices too; the step goes down and up."""

from jikimi.incidents.incident import Kind
from jikimi.storage.database import open_database, revision_of, writing
from jikimi.storage.migrate import migrate
from jikimi.storage.schema import REVISION
from tests.incidents.helpers import a_room, plain, told


def test_the_next_process_finds_clock_and_notices(tmp_path):
    engine = open_database(tmp_path / "register.db", bytes(32))
    room, books = a_room(engine)
    incident = room.signal(plain(Kind.SOS, 1, 0), 0)
    before = told(books)
    engine.dispose()
    engine = open_database(tmp_path / "register.db", bytes(32))
    room, books = a_room(engine)
    assert told(books) == before
    assert room.next_due_ms() == 30_000
    assert room.signal(plain(Kind.SOS, 1, 0), 10) == incident
    engine.dispose()


def test_the_step_goes_down_and_up(tmp_path):
    engine = open_database(tmp_path / "register.db", bytes(32))
    a_room(engine)[0].signal(plain(Kind.SOS, 1, 0), 0)
    for revision in ("0003", REVISION):
        with writing(engine) as connection:
            migrate(connection, revision)
        with engine.connect() as connection:
            assert revision_of(connection) == revision
    assert a_room(engine)[0].queue() == []
    engine.dispose()
