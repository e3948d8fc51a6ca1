"""The states of an order: what the table allows, and what no sequence of acts can do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.register import Act, Status
from jikimi.orders.status import ENDED, HOLDING, TABLE, NotAllowedError, after, diagram

DOCS = Path(__file__).parents[2] / "docs" / "register.md"


def walk(acts, status=Status.DRAFTED):
    """Do what is allowed, skip what is not; return every state on the way."""
    states = [status]
    for act in acts:
        try:
            states.append(after(states[-1], act))
        except NotAllowedError:
            states.append(states[-1])
    return states


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_no_sequence_of_acts_leads_from_an_ended_order_back_into_force(acts):
    states = walk(acts)
    ended = next((number for number, status in enumerate(states) if status in ENDED), len(states))
    assert len(set(states[ended:])) <= 1


@given(st.lists(st.sampled_from(Act), max_size=40))
def test_only_commencing_brings_a_draft_into_force(acts):
    states = walk([act for act in acts if act is not Act.COMMENCE])
    assert HOLDING.isdisjoint(states)


def test_every_state_can_be_reached_and_every_living_one_can_end():
    assert set(TABLE) == set(Status)
    assert {to for moves in TABLE.values() for to in moves.values()} | {Status.DRAFTED} == set(Status)
    for status in set(Status) - ENDED:
        assert {after(status, act) for act in (Act.EXPIRE, Act.REVOKE, Act.ACQUIT, Act.DISMISS)} == ENDED
    assert all(TABLE[status] == {} for status in ENDED)


def test_a_refusal_says_what_is_possible():
    with pytest.raises(NotAllowedError, match="drafted cannot resume; possible are acquit, commence"):
        after(Status.DRAFTED, Act.RESUME)
    with pytest.raises(NotAllowedError, match="Enter a new order"):
        after(Status.ACQUITTED, Act.RESUME)


def test_the_diagram_in_the_docs_is_drawn_from_the_table():
    assert f"```mermaid\n{diagram()}\n```" in DOCS.read_text(encoding="utf-8")
    moves = {(status, to) for status, moves in TABLE.items() for to in moves.values()}
    assert diagram().count(" --> ") == 1 + len(moves) + len(ENDED)
