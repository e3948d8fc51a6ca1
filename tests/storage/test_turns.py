"""Writers of one process take turns: the next one is woken when the one before is done, and nobody waits for ever."""

import threading

import pytest
import sqlalchemy as sa

from jikimi.storage import database
from jikimi.storage.database import open_database, writing

KEY = bytes(32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.db"


@pytest.fixture
def engine(path):
    made = open_database(path, KEY)
    yield made
    made.dispose()


def name_put(engine, name):
    with writing(engine) as connection, connection.begin():
        connection.execute(sa.text("INSERT INTO cursors (name, number) VALUES (:name, 1)"), {"name": name})


def names(engine):
    with engine.connect() as connection:
        return set(connection.execute(sa.text("SELECT name FROM cursors")).scalars())


class Watched:
    """A lock that says when somebody comes to it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.came = threading.Event()

    def acquire(self, timeout):
        self.came.set()
        return self.lock.acquire(timeout=timeout)

    def release(self):
        self.lock.release()


def test_a_writer_waits_at_the_lock_and_not_at_the_database(engine):
    turn, begun = Watched(), []
    engine.update_execution_options(**{database.TURN: turn})
    sa.event.listen(engine, "begin", lambda _connection: begun.append(threading.current_thread().name))
    with writing(engine) as connection, connection.begin():
        turn.came.clear()
        other = threading.Thread(target=name_put, args=(engine, "second"), name="second")
        other.start()
        turn.came.wait()
        connection.execute(sa.text("INSERT INTO cursors (name, number) VALUES ('first', 1)"))
        assert "second" not in begun, "it has not asked the database for anything"
    other.join()
    assert names(engine) == {"first", "second"}


def test_who_waited_too_long_for_the_others_is_told_by_the_database(path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    engine = open_database(path, KEY)
    with writing(engine) as connection, connection.begin():
        failed = []

        def late():
            try:
                name_put(engine, "late")
            except sa.exc.OperationalError as error:
                failed.append(error)

        other = threading.Thread(target=late)
        other.start()
        other.join()
    assert len(failed) == 1
    name_put(engine, "next")
    assert names(engine) == {"next"}, "the turn was not given away by the one who never had it"
    engine.dispose()


def test_a_writer_that_fails_gives_its_turn_back(engine):
    def fail():
        with writing(engine) as connection, connection.begin():
            connection.execute(sa.text("INSERT INTO cursors (name, number) VALUES ('half', 1)"))
            raise KeyError("half")

    with pytest.raises(KeyError):
        fail()
    name_put(engine, "whole")
    assert names(engine) == {"whole"}
