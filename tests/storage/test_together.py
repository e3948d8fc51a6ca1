"""One transaction of several writers of a thread: all of it is kept or none, and a part that fails is undone by itself."""

import contextlib
import threading

import pytest

from jikimi.delivery.words import read_book
from jikimi.incidents.room import Room
from jikimi.policy.responders import tables
from jikimi.runtime.notices import NoticeDesk
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.database import open_database
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf
from tests.delivery.fakes import RULES
from tests.incidents.helpers import approach


class Books:
    def __init__(self, folder):
        self.engine = open_database(folder / "register.db", bytes(32))
        self.told = []
        self.books = SqlIncidents(self.engine, lambda written: self.told.extend(one.incident_id for one in written))
        self.shelf, self.addresses = SqlShelf(self.engine), SqlAddresses(self.engine)
        self.room = Room(self.books, tables())
        self.notices = NoticeDesk(self.books, self.shelf, self.addresses, read_book(), RULES, frozenset(), lambda _: {})

    def kept(self):
        """Return how many incidents, notices and passages another thread finds."""
        found = []

        def look():
            made = [one.notice_id for _, one in self.books.notices_after(0)]
            found.extend((len(self.room.queue()), len(made), sum(self.shelf.passage(key) is not None for key in made)))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return tuple(found)


@pytest.fixture
def here(tmp_path):
    found = Books(tmp_path)
    yield found
    found.engine.dispose()


def test_an_incident_its_notices_and_their_passages_are_kept_together_or_not_at_all(here):
    with contextlib.suppress(RuntimeError), here.books.together():
        here.room.signal(approach(1, 0), 0)
        here.notices.take(0)
        assert len(here.room.queue()) == 1, "this thread sees what it wrote"
        assert here.kept() == (0, 0, 0), "and no other does"
        raise RuntimeError
    assert here.kept() == (0, 0, 0)
    assert here.told == [], "what is not kept is told to nobody"
    here.notices.forget()
    with here.books.together():
        here.room.signal(approach(1, 0), 0)
        here.notices.take(0)
        assert here.told == []
    assert len(here.told) == 1
    open_now, made, passages = here.kept()
    assert open_now == 1
    assert made == passages == 4, "what is asked for anew comes into the outbox, whatever was thought to be there"


def test_a_part_that_fails_takes_nothing_else_with_it(here):
    with here.books.together():
        here.addresses.put("p", "sms", "1")
        with contextlib.suppress(RuntimeError), here.books.writing() as page:
            page.note_signals(["s"])
            raise RuntimeError
        here.addresses.put("p", "voice", "2")
        with here.books.writing() as page:
            assert page.note_signals(["s"]) == {"s"}, "undone"
    assert here.addresses.of("p") == {"sms": "1", "voice": "2"}


def test_the_next_writer_has_its_turn_again_afterwards(here):
    with pytest.raises(RuntimeError), here.books.together():
        raise RuntimeError
    thread = threading.Thread(target=here.addresses.put, args=("p", "sms", "1"))
    thread.start()
    thread.join(timeout=5)
    assert here.addresses.of("p") == {"sms": "1"}
