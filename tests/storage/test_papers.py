"""Her papers in the register's file: gone with her, whole in a backup, and nobody else's."""

import pytest

from jikimi.model.papers import Allowed, Filing, Helper, Paper, PaperKind
from jikimi.storage import personal, record
from jikimi.storage.papers import SqlPapers
from tests.household import Household

NOW = 20_600 * 86_400_000


def keep(books, person, mark):
    paper = Paper(name="a", kind=PaperKind.PETITION, version=1, at_ms=NOW, size=0)
    assert books.write(person, paper, b"sealed " + mark)
    helper = Helper(
        helper_id=f"h {person}",
        person_id=person,
        paper="a",
        kind="lawyer",
        allowed=Allowed.READ,
        may_file=False,
        token_sha256=mark * 16,
        wrapped=b"w",
        made_ms=NOW,
        until_ms=NOW + 1,
    )
    books.put_helper(helper)
    filing = {"court_id": "c", "way": "folder", "content": b"", "name": "n", "sha256": "", "made_ms": NOW}
    books.put_filing(Filing(petition_id=f"p {person}", person_id=person, **filing), b"package " + mark)
    return helper


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", NOW, orders=2)
    yield made
    made.close()


def test_an_erasure_takes_hers_and_leaves_another_womans(house):
    books = SqlPapers(house.register.engine)
    keep(books, "her-1", b"01")
    other = keep(books, "her-2", b"02")
    with house.register.engine.connect() as connection, connection.begin():
        personal.erase_persons(connection, ["her-1"])
    assert (books.all_of("her-1"), books.helpers_of("her-1"), books.filing("p her-1")) == ([], [], None)
    assert books.body("her-2", "a") == b"sealed 02"
    assert books.helper_by(b"02" * 16) == other
    assert books.filing("p her-2")[1] == b"package 02"


def test_a_backup_has_them_as_they_lie_and_puts_them_back(house):
    books = SqlPapers(house.register.engine)
    helper = keep(books, "her-1", b"01")
    with house.register.engine.connect() as connection, connection.begin():
        rows = [one for one in record.of_persons(connection, ["her-1"], secrets=True) if one.table in {"papers", "helpers", "filings"}]
        shown = list(record.of_persons(connection, ["her-1"], secrets=False))
        personal.erase_persons(connection, ["her-1"])
        assert record.put(connection, rows, record.ALL) == 3
    assert not [one for one in shown if one.table in {"papers", "helpers", "filings"}], "no record that is handed on has any of it"
    assert books.body("her-1", "a") == b"sealed 01"
    assert books.helpers_of("her-1") == [helper]
    assert books.filing("p her-1")[1] == b"package 01"
