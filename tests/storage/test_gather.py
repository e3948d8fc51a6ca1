"""What waits is done together: one waking for all of a round, nothing left behind at the end, whichever loop put it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from jikimi.storage import gather
from jikimi.storage.gather import Gatherer, Waiting


class NotDoneError(Exception):
    """A piece of work was not done."""


@contextlib.contextmanager
def gatherer():
    """Return a gatherer that answers each number by itself, and the list of what it did together."""
    done: list[list[int]] = []

    def store(works):
        done.append(list(works))
        return list(works)

    made = Gatherer("test", store, failure=NotDoneError, end=lambda: None)
    try:
        yield made, done
    finally:
        made.close()


def put(made, number, size=1):
    future = asyncio.get_running_loop().create_future()
    made.put(Waiting(number, size, future))
    return future


def test_a_thousand_of_one_round_are_answered_each_with_its_own_and_in_order():
    async def story(made):
        return await asyncio.gather(*(put(made, number) for number in range(1, 1001)))

    with gatherer() as (made, done):
        assert asyncio.run(story(made)) == list(range(1, 1001))
    assert [number for together in done for number in together] == list(range(1, 1001))


def test_the_thread_is_woken_by_the_end_of_a_round_and_not_by_each_piece():
    async def story(made):
        futures = [put(made, number) for number in (1, 2, 3)]
        assert made._bell.empty()
        return await asyncio.gather(*futures)

    with gatherer() as (made, done):
        assert asyncio.run(story(made)) == [1, 2, 3]
    assert [number for together in done for number in together] == [1, 2, 3]


def test_what_was_put_before_the_end_is_done_although_its_loop_never_rang():
    async def story(made):
        future = put(made, 7)
        made.close()
        return await future

    with gatherer() as (made, done):
        assert asyncio.run(story(made)) == 7
    assert done == [[7]]


def test_a_loop_that_ended_before_it_rang_keeps_no_other_loop_waiting():
    async def left(made):
        put(made, 1)
        raise NotDoneError

    async def story(made):
        return await asyncio.wait_for(put(made, 2), 60)

    with gatherer() as (made, done):
        with contextlib.suppress(NotDoneError):
            asyncio.run(left(made))
        # Where asyncio's own ending did not run the ringing, this loop's must.
        made._will_ring = asyncio.new_event_loop()
        made._will_ring.close()
        assert asyncio.run(story(made)) == 2
    assert [number for together in done for number in together] == [1, 2]


def test_a_large_piece_begins_another_commit():
    async def story(made):
        return await asyncio.gather(put(made, 1, gather.COMMIT_BYTES), put(made, 2), put(made, 3))

    with gatherer() as (made, done):
        assert asyncio.run(story(made)) == [1, 2, 3]
    assert done[0] == [1]


def test_after_the_end_everybody_is_told():
    async def story(made):
        made.close()
        with pytest.raises(NotDoneError):
            await put(made, 1)

    with gatherer() as (made, done):
        asyncio.run(story(made))
    assert done == []
