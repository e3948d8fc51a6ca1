"""The outbox in SQL."""

import pytest
from sqlalchemy import text

from jikimi.delivery.life import State
from jikimi.delivery.message import Receipt, Step
from jikimi.delivery.passage import advance, received, replaced
from jikimi.delivery.ports import ShelfFailedError
from jikimi.storage.database import open_database
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import OutboxRows, SqlShelf
from tests.delivery.fakes import RULES, START_MS, passage


@pytest.fixture
def engine(tmp_path):
    made = open_database(tmp_path / "register.db", bytes(32))
    yield made
    made.dispose()


def test_a_passage_comes_back_as_it_was_kept(engine):
    shelf = SqlShelf(engine)
    first, second = passage("n1"), passage("n2", "pair-2")
    shelf.add([first, second])
    assert shelf.fresh(0) == [(1, first), (2, second)]
    assert shelf.fresh(1) == [(2, second)]
    begun, _ = advance(first, START_MS, RULES, set())
    seen = received(begun, Receipt(key="n1", step=Step.SEEN, at_ms=START_MS, from_device=True))
    shelf.save([seen, second])
    assert shelf.passage("n1") == seen
    assert shelf.passage("n1").state is State.SEEN
    assert shelf.passage("nobody") is None
    assert [number for number, _ in shelf.fresh(0)] == [2], "what has ended is not taken up again"


def test_the_same_notice_put_twice_is_one_and_keeps_its_way(engine):
    shelf = SqlShelf(engine)
    shelf.add([passage()])
    shelf.save([replaced(passage())])
    shelf.add([passage()])
    assert shelf.passage("n1").state is State.REPLACED


def test_a_notice_is_made_with_what_it_tells_of_or_not_at_all(engine):
    with pytest.raises(ZeroDivisionError):
        put_and_fail(engine)
    assert SqlShelf(engine).fresh(0) == []


def put_and_fail(engine):
    with engine.begin() as connection:
        OutboxRows(connection).put_passages([passage()])
        raise ZeroDivisionError


def test_a_database_that_fails_is_said_to_have_failed(engine):
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE outbox"))
    with pytest.raises(ShelfFailedError):
        SqlShelf(engine).fresh(0)
    with pytest.raises(ShelfFailedError):
        SqlShelf(engine).save([passage()])


def test_what_a_follower_made_and_how_far_it_came_are_kept_together(engine, monkeypatch):
    shelf, books = SqlShelf(engine), SqlIncidents(engine)
    shelf.take("notices", 7, [passage()])
    assert (books.cursor("notices"), len(shelf.fresh(0))) == (7, 1)

    def fail(*_args):
        raise KeyError("killed")

    monkeypatch.setattr(OutboxRows, "keep_cursor", fail)
    with pytest.raises(KeyError):
        shelf.take("notices", 8, [passage("n2")])
    assert (books.cursor("notices"), len(shelf.fresh(0))) == (7, 1)
