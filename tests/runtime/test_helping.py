"""Helpers: each by her invitation, with the rights she gave and no more, once, until she says; a lawyer files what she signed."""

import asyncio
import hashlib

import pytest

from jikimi.apps.api import RefusedError
from jikimi.apps.helping import Inviting
from jikimi.model.papers import Allowed, Paper, PaperKind
from jikimi.runtime.helping import DAY_MS, MOST_HELPERS, HelpingRoom
from tests.runtime.test_papers import Desk, given

TOKEN = bytes(range(32))
HEAD = b"\x00\x04hers"


class Story:
    def __init__(self, folder):
        self.desk = Desk(folder)
        self.room = HelpingRoom(
            self.desk.books,
            self.desk.papers,
            self.desk.room,
            self.desk.ledger,
            lambda: self.desk.now_ms,
            "https://help.test",
            lambda _: "112",
        )
        paper = Paper(name="a" * 16, kind=PaperKind.PETITION, version=1, at_ms=0, size=0)
        self.do(self.desk.papers.write("p", paper, HEAD + b"sealed", None))

    def do(self, call):
        return asyncio.run(call) if asyncio.iscoroutine(call) else call

    def invite(self, kind="counsellor", allowed=Allowed.WRITE, token=TOKEN, **more):
        asked = Inviting(
            paper="a" * 16, kind=kind, allowed=allowed, days=30, token_sha256=hashlib.sha256(token).hexdigest(), wrapped=b"w", **more
        )
        return self.do(self.room.invite("p", asked))

    def refused(self, call):
        with pytest.raises(RefusedError) as found:
            self.do(call)
        return found.value.code


@pytest.fixture
def story(tmp_path):
    return Story(tmp_path)


def test_a_link_opens_once_and_shows_the_petition_without_what_only_her_key_opens(story):
    helper = story.invite()
    assert story.do(story.room.open(bytes(32))) is None
    assert story.do(story.room.open(TOKEN)) is not None
    assert story.do(story.room.open(TOKEN)) is None, "a second device gets nothing"
    shared = story.do(story.room.shared(story.do(story.room.helper(helper.helper_id))))
    assert (shared.body, shared.wrapped, shared.version) == (b"sealed", b"w", 1)
    assert [act.act for act in story.desk.ledger.acts] == ["invited", "opened"]
    assert story.desk.ledger.acts[1].audience == "helper"


def test_what_a_helper_writes_keeps_her_own_way_in(story):
    helper = story.invite()
    assert story.do(story.room.write(helper, 2, b"theirs")) == 2
    assert story.desk.books.body("p", "a" * 16) == HEAD + b"theirs"
    assert story.refused(story.room.write(helper, 2, b"late")) == "changed"


def test_it_ends_when_she_says_and_when_its_time_is_over(story):
    first, second = story.invite(), story.invite(token=bytes(32))
    story.do(story.room.end("p", first.helper_id))
    assert not story.do(story.room.stands(first.helper_id))
    assert story.do(story.room.open(TOKEN)) is None
    assert story.do(story.room.stands(second.helper_id))
    story.desk.now_ms += 30 * DAY_MS
    assert not story.do(story.room.stands(second.helper_id))
    assert story.do(story.room.helpers_of("p")) == []
    assert story.desk.ledger.acts[-1].act == "ended"
    assert story.refused(story.room.end("other", second.helper_id)) == "not_found", "another person's helper is nobody here"


def test_a_petition_that_is_taken_away_takes_its_helpers_with_it(story):
    helper = story.invite()
    story.do(story.desk.papers.drop("p", "a" * 16))
    assert not story.do(story.room.stands(helper.helper_id))


@pytest.mark.parametrize(("kind", "more"), [("stranger", {}), ("relative", {"may_file": True}), ("counsellor", {"may_file": True})])
def test_nobody_gets_a_right_that_the_law_does_not_give(story, kind, more):
    with pytest.raises(RefusedError) as found:
        story.invite(kind, **more)
    assert found.value.code == "not_allowed"
    assert story.desk.ledger.acts == []


def test_there_is_an_end_to_invitations(story):
    for number in range(MOST_HELPERS):
        story.invite(token=bytes([number]) * 32)
    with pytest.raises(RefusedError) as found:
        story.invite(token=b"x" * 32)
    assert found.value.code == "full"


def test_a_lawyer_files_exactly_what_she_signed(story):
    lawyer = story.invite("lawyer", may_file=True)
    assert story.refused(story.room.file(lawyer, given())) == "not_signed"
    story.do(story.room.sign("p", lawyer.helper_id, hashlib.sha256(given().whole).hexdigest()))
    lawyer = story.do(story.room.helper(lawyer.helper_id))
    assert story.refused(story.room.file(lawyer, given(story="다른 이야기"))) == "not_signed"
    receipt = story.do(story.room.file(lawyer, given()))
    (found,) = story.desk.inbox()
    assert found.papers.open.petition_id == receipt.petition_id
    told = [(act.act, act.audience) for act in story.desk.ledger.acts]
    assert told == [
        ("invited", "protected"),
        ("signed", "protected"),
        ("filing", "helper"),
        ("filing", "protected"),
        ("filed", "protected"),
    ]
    counsellor = story.invite(token=bytes(32))
    assert story.refused(story.room.sign("p", counsellor.helper_id, "0" * 64)) == "not_allowed"


def test_comments_lie_beside_the_petition(story):
    helper = story.invite(allowed=Allowed.COMMENT)
    story.do(story.room.comment(helper, b"sealed words"))
    assert [one.body for one in story.do(story.room.comments(helper))] == [b"sealed words"]
