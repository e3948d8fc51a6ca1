"""The notice of a copy that was erased for want of a permission goes out through the outbox, to each who must know, once."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.delivery.rules import read_rules
from jikimi.delivery.words import LANGUAGE, read_book
from jikimi.disclosure.copying import Copy, Status
from jikimi.runtime.unpermitted import UnpermittedNotices
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.outbox import SqlShelf
from jikimi.storage.register import SqlRegister

NOW_MS = 1_795_000_000_000
COPY = Copy(
    copy_id="c0ffee", order_id="o", person_id="him", officer="inspector", reason="r", from_ms=0, to_ms=1, made_ms=2, due_ms=3,
    status=Status.ERASED, unpermitted=True,
)  # fmt: skip


@pytest.fixture
def engine(tmp_path):
    register = SqlRegister(tmp_path / "register.db", bytes(32))
    yield register.engine
    register.close()


def told(engine, channels=("stream", "email")):
    shelf, addresses = SqlShelf(engine), SqlAddresses(engine)
    addresses.put("inspector", LANGUAGE, "en")
    addresses.put("dpo", "email", "dpo@office.example")

    async def send(made):
        shelf.add(made())

    desk = UnpermittedNotices(addresses, read_book(), read_rules(), channels, lambda: ["dpo", "away", "inspector"], send, lambda: NOW_MS)

    async def twice():
        await desk.tell(COPY)
        await desk.tell(COPY)

    asyncio.run(twice())
    return {one.message.topic.split(" ")[1]: one for one in shelf.about("copy-c0ffee")}


def test_whoever_had_it_and_data_protection_are_told_once_by_the_ways_that_lead_there(engine):
    found = told(engine)
    assert {name: [way.channel for way in one.ways] for name, one in found.items()} == {"inspector": ["stream"], "dpo": ["email"]}
    assert found["inspector"].message.title == "A copy was erased"
    assert "c0ffee" in found["inspector"].message.text
    assert found["dpo"].message.language == "ko"
    assert not any(word in repr(found) for word in ("him", "'o'")), "of whom and under which order the copy was stands in no notice"


def test_where_nothing_leads_to_somebody_nothing_is_kept_for_him(engine):
    assert told(engine, channels=("sms",)) == {}
