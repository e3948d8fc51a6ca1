"""A clerk over books in memory, and over books in a sealed file: every story is told to both."""

import pytest

from jikimi.orders.clerk import Clerk
from jikimi.policy.durations import tables
from jikimi.storage.books import SqlBooks
from jikimi.storage.database import open_database
from jikimi.storage.register import SqlRegister
from tests.orders.fake_books import FakeBooks

KEY = bytes(range(32))


class FileBooks(SqlBooks):
    """Books in a file, beside a register that the core is told from."""

    def __init__(self, path):
        super().__init__(open_database(path, KEY))
        self._register = SqlRegister(path, KEY)

    def orders(self):
        return self._register.orders()

    def version(self):
        return self._register.version()

    def close(self):
        self._register.close()
        self._engine.dispose()


@pytest.fixture(params=["memory", "file"])
def books(request, tmp_path):
    if request.param == "memory":
        yield FakeBooks()
    else:
        opened = FileBooks(tmp_path / "register.db")
        yield opened
        opened.close()


@pytest.fixture
def clerk(books):
    return Clerk(books, tables(), KEY)


@pytest.fixture
def page(books):
    """What the books say now, asked anew each time."""

    class Asked:
        def __getattr__(self, name):
            def ask(*args, **more):
                with books.reading() as one:
                    return getattr(one, name)(*args, **more)

            return ask

    return Asked()
