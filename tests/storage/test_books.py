"""The register of orders in SQL: found again after a restart, kept whole or not at all, and in words that PostgreSQL knows too."""

import ast
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act
from jikimi.orders.clerk import Clerk
from jikimi.orders.matching import Identifiers
from jikimi.policy.durations import tables
from jikimi.storage import books as books_module
from jikimi.storage.books import SqlBooks
from jikimi.storage.database import open_database, writing
from jikimi.storage.migrate import migrate
from jikimi.storage.register import SqlRegister
from jikimi.storage.schema import metadata
from tests.orders.test_permissions import HEARING
from tests.orders.world import HOME, at, court_order

KEY = bytes(range(32))
BEGIN = at("2026-03-02")
HIM = Identifiers(national_id="850203-1122334", names=("김도현",), birth_date=dt.date(1985, 2, 3), phone="010-5555-0123")
NEW = {"dossiers", "order_parties", "order_events", "marks", "tasks", "links", "funnels", "assignments"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "register.db"


@pytest.fixture
def engine(path):
    opened = open_database(path, KEY)
    yield opened
    opened.dispose()


def filled(engine):
    """Put a row into every table, by work as it is done."""
    clerk = Clerk(SqlBooks(engine), tables(), KEY)
    order = court_order(decided_ms=BEGIN, places=(HOME,))
    clerk.enter(order, now_ms=BEGIN, by="x", who={"m-1": HIM}, labels={"m-1": "case 12"}, permissions=[HEARING])
    again = court_order(decided_ms=BEGIN, order_id="order-2")
    clerk.enter(again, now_ms=BEGIN, by="x")
    clerk.give_out("order-1", "tag-1", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="x")
    return clerk


def everything(page):
    return (
        page.dossiers(),
        page.events("order-1"),
        page.marks("m-1"),
        page.tasks(),
        page.links(),
        page.funnels("order-1"),
        page.assignments(),
        page.first_due(),
    )


def test_what_was_entered_is_found_after_a_restart(path, engine):
    filled(engine)
    with SqlBooks(engine).reading() as page:
        before = everything(page)
    assert all(part for part in before)
    again = open_database(path, KEY)
    with SqlBooks(again).reading() as page:
        assert everything(page) == before
        assert page.dossier("order-1").permissions == (HEARING,)
    again.dispose()


def test_a_change_is_kept_whole_or_not_at_all(path, engine):
    filled(engine)
    register = SqlRegister(path, KEY)
    told, version = register.orders(), register.version()
    with SqlBooks(engine).reading() as page:
        before = everything(page)

    def fail():
        with SqlBooks(engine).writing() as page:
            page.put_dossier(page.dossier("order-1"), 1, [], ["order-1"])
            page.add_marks("m-9", page.marks("m-1"))
            raise OSError

    with pytest.raises(OSError):
        fail()
    with SqlBooks(engine).reading() as page:
        assert everything(page) == before
    assert (register.orders(), register.version()) == (told, version)
    register.close()


def test_the_core_is_told_in_the_same_transaction_and_only_when_there_is_news(path, engine):
    clerk = filled(engine)
    register = SqlRegister(path, KEY)
    version = register.version()
    clerk.advance(at("2026-04-01"))  # late steps and silence: nothing for the core
    assert register.version() == version
    clerk.act("order-1", Act.REVOKE, at_ms=at("2026-04-02"), now_ms=at("2026-04-02"), by="x", reason="x")
    assert register.version() == version + 1
    assert {one.order_id: one.until_ms for one in register.orders()} == {"order-1": at("2026-04-02"), "order-2": at("2026-06-02")}
    register.close()


def test_orders_entered_by_hand_stay_as_they_are(path, engine):
    register = SqlRegister(path, KEY)
    filled(engine)
    with SqlBooks(engine).reading() as page:
        (one, *_) = [order for order in register.orders() if order.order_id == "order-1"]
        assert page.dossier("by-hand") is None
    register.add_order(type(one)(**{name: getattr(one, name) for name in one.__struct_fields__} | {"order_id": "by-hand"}))
    Clerk(SqlBooks(engine), tables(), KEY).advance(at("2027-01-01"))
    assert "by-hand" in {order.order_id for order in register.orders()}
    register.close()


def test_no_identifier_is_kept_anywhere(path, engine, tmp_path):
    filled(engine)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)):
                kept = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
                for text in ("8502031122334", "850203", "김도현", "5555", "1985"):
                    assert text.encode() not in kept, table.name


def test_migrations_go_up_and_down_with_rows_and_keep_what_the_core_is_told(path, engine):
    filled(engine)
    register = SqlRegister(path, KEY)
    told = register.orders()
    with engine.connect() as connection:
        empty = [name for name in NEW if connection.execute(sa.select(sa.func.count()).select_from(metadata.tables[name])).scalar() == 0]
    assert empty == []
    with writing(engine) as connection:
        migrate(connection, "0001")
        assert NEW.isdisjoint(sa.inspect(connection).get_table_names())
    assert register.orders() == told
    with writing(engine) as connection:
        migrate(connection, "0002")
        assert set(sa.inspect(connection).get_table_names()) >= NEW
    with SqlBooks(engine).reading() as page:
        assert page.dossiers() == []
    register.close()


def test_many_marks_are_looked_up_in_parts(engine):
    many = filled(engine)
    people = [Identifiers(national_id=f"8502031{number:06}") for number in range(100)]
    for number, one in enumerate(people):
        many.identify(f"m-{number + 10}", one, now_ms=BEGIN)
    with SqlBooks(engine).reading() as page:
        every = set().union(*(page.marks(f"m-{number + 10}") for number in range(100)))
        assert len(every) > 500
        assert len(page.persons_with(every)) >= 100
        assert page.persons_with([]) == set()


def test_every_table_and_query_is_written_in_sql_that_postgresql_knows(engine):
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(sa.schema.CreateTable(table).compile(dialect=dialect))
    said = []
    sa.event.listen(engine, "before_execute", lambda _connection, clause, *_: said.append(clause))
    filled(engine).advance(at("2027-01-01"))
    assert len(said) > 100
    for clause in said:
        clause.compile(dialect=dialect)


def test_the_books_use_nothing_that_only_one_database_has():
    for name in ("books", "orders", "people", "tasks", "rows"):
        tree = ast.parse((Path(books_module.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        imports = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {module for module in imports if module is not None and "dialects" in module}
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in {"text", "exec_driver_sql"}]
