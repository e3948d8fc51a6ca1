"""A checkpoint of a version whose state had another form is refused in a sentence, never misread."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from jikimi.core.state import TrackState
from jikimi.runtime import recovery
from jikimi.runtime.mind import Mind
from jikimi.storage.memory import MemoryJournal
from tests.core.rules import TRACK


def journal_with(state: bytes) -> MemoryJournal:
    journal = MemoryJournal()

    async def save() -> None:
        await journal.save_checkpoint(7, state)

    asyncio.run(save())
    return journal


def test_a_checkpoint_of_this_form_is_taken_up() -> None:
    found = recovery.recover(journal_with(recovery.dump(Mind(TRACK))), TRACK)
    assert found.number == 7
    assert found.replayed == 0


@pytest.mark.parametrize("cut", [0, 4])
def test_a_checkpoint_of_another_form_is_refused_and_says_what_to_do(cut: int) -> None:
    # Given one as it was written before forms were marked, or one of another mark
    state = b"\0" * cut + recovery.dump(Mind(TRACK))[4:]
    with pytest.raises(recovery.FormError, match="start that version"):
        recovery.recover(journal_with(state), TRACK)


def test_a_field_more_or_two_that_change_places_are_another_form() -> None:
    names = TrackState.__struct_fields__
    swapped = msgspec.defstruct("TrackState", [names[1], names[0], *names[2:]])
    longer = msgspec.defstruct("TrackState", [*names, "more"])
    forms = {recovery.form_of((one,)) for one in (TrackState, swapped, longer)}
    assert len(forms) == 3
    assert recovery.form_of((msgspec.defstruct("TrackState", names),)) in forms
