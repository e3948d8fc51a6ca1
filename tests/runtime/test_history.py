"""A person's past positions are whole also where the keeper takes the journal over and drops it while they are read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jikimi.disclosure.proof import prove
from jikimi.disclosure.retention.due import DAY_MS
from jikimi.model.fix import Fix, Verdict
from jikimi.model.record import Fixes
from jikimi.orders.project import Span
from jikimi.runtime.history import History
from jikimi.runtime.keeper import opened
from jikimi.storage.segments import JournalDamagedError, Segments
from tests.household import HOME, Household

NOW = 20_600 * DAY_MS + 40_000_000
HIM = "him-1"


@pytest.fixture
def house(tmp_path):
    made = Household(tmp_path / "data", NOW)
    yield made
    made.close()


def kept(house):
    proof = prove({HIM: [Span(NOW - 9 * DAY_MS, NOW + 1)]})
    return [msgspec.json.decode(line)["at_ms"] for line in History(house.stores).lines(proof).splitlines()]


def two_segments(house):
    """Let him report in two segments of the journal; return the first one's last number."""
    house.live(near=False)
    house.turned()
    house.write([Fixes(NOW, f"device-{HIM}", HIM, [Fix("late", NOW, *HOME)], [Verdict.USED])])
    return house.turned()


def taken_over_and_dropped(house, until):
    """Do what a keeper's round does at the worst moment: positions into the vault, and the journal gone."""
    with opened(house.settings, NOW) as keeper:
        keeper.look()
    journal = house.stores.journal()
    assert journal.drop(until) > 0
    journal.close()


@pytest.mark.parametrize("moment", ["before the journal is listed", "between listing and reading", "between journal and vault"])
def test_nothing_is_missing_whenever_the_journal_is_dropped(house, monkeypatch, moment):
    until = two_segments(house)
    whole = kept(house)
    assert NOW in whole
    done = []

    def once():
        if not done:
            done.append(True)
            taken_over_and_dropped(house, until)

    if moment == "before the journal is listed":
        span = Segments._span

        def listed(self, name, following):
            once()
            return span(self, name, following)

        monkeypatch.setattr(Segments, "_span", listed)
    elif moment == "between listing and reading":
        read = Segments.read

        def reading(self, one, after):
            once()
            return read(self, one, after)

        monkeypatch.setattr(Segments, "read", reading)
    else:
        kept_in = History._kept

        def opening(self, *asked):
            once()
            return kept_in(self, *asked)

        monkeypatch.setattr(History, "_kept", opening)
    assert kept(house) == whole
    assert done


def test_a_segment_that_cannot_be_read_and_has_its_key_is_damage(house):
    two_segments(house)
    first = min(Path(house.settings.data_dir).rglob("journal-*.db"))
    first.write_bytes(b"not a database at all, and the key is still there")
    with pytest.raises(JournalDamagedError):
        kept(house)


def test_of_several_pieces_nothing_between_them_is_read_whether_it_lies_in_vault_or_journal(house):
    two_segments(house)
    times = kept(house)
    begin, end = times[0], times[-1]
    assert end - begin > 2
    pieces = prove({HIM: [Span(begin, begin + 1), Span(end, end + 1)]})

    def read():
        return [msgspec.json.decode(line)["at_ms"] for line in History(house.stores).lines(pieces).splitlines()]

    assert set(read()) == {begin, end}
    with opened(house.settings, NOW) as keeper:
        keeper.look()
    assert set(read()) == {begin, end}
    assert History(house.stores).lines(prove({})) == b""
