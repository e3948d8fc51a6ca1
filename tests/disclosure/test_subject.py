"""What the monitored person is told of the use of his data: the same for any position of hers, delayed, and without her name."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.delivery.leak import check
from jikimi.disclosure.copying import Copy, Decision, Status
from jikimi.disclosure.subject import LANGUAGES, Facts, Named, OwnOrder, document, texts
from jikimi.model.access import Purpose
from jikimi.model.retention import DataClass
from tests.disclosure.cases import HIM, NOW_MS

DAY_MS = 86_400_000
ORDER = OwnOrder(
    legal_basis="Act on Punishment of Crime of Stalking, art. 9",
    from_ms=NOW_MS - 30 * DAY_MS,
    until_ms=NOW_MS + 30 * DAY_MS,
    due={DataClass.POSITIONS: NOW_MS + 1_000 * DAY_MS, DataClass.LEDGER: None},
)
DECISION = Decision(court="Seoul Central District Court", number="cho 77", decided_ms=NOW_MS - 50 * DAY_MS, until_ms=NOW_MS)
COPY = Copy(
    copy_id="c", order_id="order-1", person_id=HIM, officer="inspector", reason="robbery", from_ms=1, to_ms=2, made_ms=NOW_MS - 40 * DAY_MS,
    due_ms=NOW_MS, status=Status.PERMITTED, decision=DECISION,
)  # fmt: skip


def facts(**fields):
    usual = {
        "made_ms": NOW_MS,
        "time_zone": "Asia/Seoul",
        "purposes": tuple(Purpose),
        "delay_days": 30.0,
        "orders": [ORDER],
        "copies": [COPY],
        "forbidden": {"person-h", "H. Two"},
    }
    return Facts(**(usual | fields))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_law_gives_him(language):
    told = document(facts(), language)
    for part in ("Seoul Central District Court, cho 77", ORDER.legal_basis, "2026-"):
        assert part in told
    assert "inspector" not in told
    assert "robbery" not in told


@pytest.mark.parametrize("text", texts())
def test_every_sentence_passes_the_check_of_what_goes_to_him(text):
    check(text.format(day="2026-11-28", days="30", name="-", court="-", number="-", basis="-", first="-", last="-"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_is_told_only_after_the_delay_and_once_it_is_settled(language):
    young = msgspec.structs.replace(COPY, made_ms=NOW_MS - 30 * DAY_MS + 1)
    waiting = msgspec.structs.replace(COPY, decision=None, status=Status.WAITING)
    assert document(facts(copies=[young, waiting]), language) == document(facts(copies=[]), language)
    erased = msgspec.structs.replace(COPY, decision=None, status=Status.ERASED, unpermitted=True)
    assert document(facts(copies=[erased]), language) != document(facts(copies=[]), language)


@given(st.sampled_from(LANGUAGES), st.sampled_from(["person-h", "H. Two"]))
def test_no_name_of_hers_gets_through_wherever_it_stands(language, name):
    for leaking in (
        facts(orders=[msgspec.structs.replace(ORDER, legal_basis=f"order for {name}")]),
        facts(copies=[msgspec.structs.replace(COPY, decision=msgspec.structs.replace(DECISION, number=name))]),
    ):
        with pytest.raises(Named):
            document(leaking, language)


def test_nothing_of_looks_alarms_or_positions_can_be_handed_in():
    """The document is a function of facts, and no fact hangs on where she is: no look, no time of one, no incident, no distance."""
    assert set(Facts.__struct_fields__) == {"made_ms", "time_zone", "purposes", "delay_days", "orders", "copies", "forbidden"}
    assert set(OwnOrder.__struct_fields__) == {"legal_basis", "from_ms", "until_ms", "due"}
