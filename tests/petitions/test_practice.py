"""What courts decided, as a court sees it: no count from which a single petition is known."""

from hypothesis import given
from hypothesis import strategies as st

from jikimi.outcomes.suppress import Sum, hidden
from jikimi.petitions.docket import Docketed, Entry
from jikimi.petitions.practice import LEAST, RESULTS, counted, shown
from jikimi.petitions.status import Act


@given(parts=st.tuples(*[st.integers(0, 30)] * 3), interim=st.integers(0, 90))
def test_it_hides_what_the_public_report_would_hide_of_a_table_with_one_sum(parts, interim):
    counts = {Act.GRANT_INTERIM: min(interim, sum(parts)), **dict(zip(RESULTS, parts, strict=True))}
    said = shown(counts)
    named = {one.value: counts[one] for one in RESULTS}
    figures = {**named, "total": sum(parts)}
    lot = {**{name: float(count) for name, count in named.items()}, "total": 1_000.0}
    expected = hidden(figures, figures, [Sum("total", tuple(named))], lot) - {"total"}
    assert {one.value for one in RESULTS if said[one] is None} == expected
    assert all(value is None or (value == counts[one] and value >= LEAST) for one, value in said.items())
    if said[Act.GRANT_INTERIM] is not None:
        assert LEAST <= said[Act.GRANT_INTERIM] <= sum(parts) - LEAST


def test_a_petition_counts_once_by_what_was_said_first_and_not_before():
    def case(*acts):
        row = Docketed(
            court_id="c", number="1", petition_id="p", form_id="f", edition="1", policy_id="kr", received_ms=1, wants_interim=True
        )
        return row, [Entry(at_ms=number, act=act, by="judge") for number, act in enumerate(acts)]

    found = counted(
        [
            case(Act.RECEIVE, Act.GRANT_INTERIM, Act.GRANT, Act.TELL, Act.APPEAL, Act.REVERSE),
            case(Act.RECEIVE, Act.REFUSE, Act.REVERSE, Act.GRANT),
            case(Act.RECEIVE, Act.GRANT_INTERIM),
        ]
    )
    assert found == {Act.GRANT_INTERIM: 1, Act.GRANT: 1, Act.GRANT_IN_PART: 0, Act.REFUSE: 1}
