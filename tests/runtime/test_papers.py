"""Her papers and her petition beside a server: sealed papers come back as they went, and a petition reaches a court once, in time."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from zoneinfo import ZoneInfo

import httpx2
import msgspec
import pyrage
import pytest
from hypothesis import given as given_bytes
from hypothesis import strategies as st

from jikimi.apps.api import RefusedError
from jikimi.apps.petition import Adding, Petition, given_of
from jikimi.delivery.courts.drop import Drop
from jikimi.disclosure.ledger import proof as proofs
from jikimi.disclosure.ledger.leaf import Opening, opens
from jikimi.model.papers import Paper, PaperKind
from jikimi.petitions.package import opened
from jikimi.petitions.ports import Handed, NotHandedError
from jikimi.policy.load import presets
from jikimi.runtime.courts import PER_PERSON, SEALS, FilingRoom, doors_of, seals_of
from jikimi.runtime.papers import MOST_BYTES, PaperRoom
from jikimi.runtime.server import Server
from jikimi.runtime.settings import CourtSettings, SettingsError
from jikimi.storage.docket import SqlDocket
from jikimi.storage.papers import SqlPapers
from tests.petitions.case import ANSWERS, FORM, answers
from tests.runtime.fake_ledger import FakeLedger
from tests.runtime.test_server import House

KEY = pyrage.x25519.Identity.generate()
TOLD = dt.date.fromisoformat(ANSWERS["declined_on"])
HASH = "ab" * 32


def ms(day, hour=12):
    return int(dt.datetime.combine(day, dt.time(hour), ZoneInfo("Asia/Seoul")).timestamp() * 1000)


def given(petition_id="0123456789abcdef", exhibits=(), **changed):
    adding = tuple(Adding(name=name, about="", media_type="image/jpeg", length=len(body), paper=paper) for name, body, paper in exhibits)
    petition = Petition(form_id=FORM.form_id, petition_id=petition_id, answers=answers(**changed), exhibits=adding)
    head = msgspec.json.encode(petition)
    return given_of(len(head).to_bytes(4) + head + b"".join(body for _, body, _ in exhibits))


class Desk:
    """A room that files, at a time that a test says, with a court that is a folder."""

    def __init__(self, folder, day=TOLD, door=None):
        self.house = House(folder / "data", 21_000)
        self.books = SqlPapers(self.house.register.engine)
        self.ledger = FakeLedger()
        self.now_ms = ms(day)
        self.to = folder / "court"
        self.to.mkdir()
        court = CourtSettings(key=str(KEY.to_public()), way="folder", to=str(self.to))
        self.papers = PaperRoom(self.books, self.ledger, lambda: self.now_ms)
        doors = {"seoul-central": (court, door or Drop(self.to))}
        self.room = FilingRoom(
            {FORM.form_id: FORM},
            lambda _: "kr",
            doors,
            self.books,
            SqlDocket(self.house.register.engine),
            lambda _: (HASH, None, None),
            self.ledger,
            lambda: self.now_ms,
        )

    def inbox(self):
        return [opened(path.read_bytes(), str(KEY)) for path in sorted(self.to.iterdir())]


def filed(desk, *args, **changed):
    return asyncio.run(desk.room.file("p", given(*args, **changed)))


def test_told_on_day_0_she_files_on_day_89_and_the_court_has_it_with_her_receipt(tmp_path):
    """Given the police declined; when she files on day 89; then the court opens it, and she holds its hash."""
    desk = Desk(tmp_path, TOLD + dt.timedelta(days=89))
    receipt = filed(desk)
    (found,) = desk.inbox()
    assert found.papers.open.day == TOLD + dt.timedelta(days=89)
    assert (receipt.court_id, receipt.at_ms, receipt.number) == ("seoul-central", desk.now_ms, None)
    assert (desk.to / receipt.package).exists()
    assert [act.act for act in desk.ledger.acts] == ["filing", "filed"]
    assert receipt.sha256 in desk.ledger.acts[1].reason.value


def test_on_day_91_it_is_stopped_and_nothing_reaches_the_court(tmp_path):
    """The form shows the reason and the other ways (tests/petitions/test_answers.py); the server refuses whatever a page says."""
    desk = Desk(tmp_path, TOLD + dt.timedelta(days=91))
    with pytest.raises(RefusedError) as refused:
        filed(desk)
    assert refused.value.code == "not_ready"
    assert desk.inbox() == []
    assert desk.ledger.acts == []


def test_the_same_filing_again_is_the_same_package_and_another_under_its_name_is_refused(tmp_path):
    desk = Desk(tmp_path, TOLD + dt.timedelta(days=3))
    first, second = filed(desk), filed(desk)
    assert first == second
    assert len(desk.inbox()) == 1
    with pytest.raises(RefusedError) as refused:
        filed(desk, story="다른 이야기")
    assert refused.value.code == "filed"


def test_a_court_that_did_not_answer_gets_the_same_bytes_again(tmp_path):
    class Silent:
        def __init__(self):
            self.got = []

        async def hand(self, package, at_ms):
            self.got.append(package.body)
            if len(self.got) == 1:
                raise NotHandedError("It did not answer.")
            return Handed(at_ms, "2027-1")

        async def close(self):
            pass

    door = Silent()
    desk = Desk(tmp_path, TOLD + dt.timedelta(days=3), door)
    with pytest.raises(RefusedError) as refused:
        filed(desk)
    assert (refused.value.status, refused.value.message) == (502, "It did not answer.")
    assert filed(desk).number == "2027-1"
    assert door.got[0] == door.got[1]


def test_nobody_keeps_the_server_at_printing(tmp_path):
    desk = Desk(tmp_path, TOLD + dt.timedelta(days=3))
    for _ in range(PER_PERSON[1]):
        filed(desk)
    with pytest.raises(RefusedError) as refused:
        filed(desk)
    assert (refused.value.status, refused.value.retry_after_s) == (429, 10)
    desk.now_ms += 10_000
    assert filed(desk).court_id == "seoul-central"


@pytest.mark.parametrize(("policy_id", "code"), [("kr", None), ("kr-city", None), ("es", "no_form")])
def test_a_jurisdiction_has_its_own_form_and_a_variant_that_of_its_policy(tmp_path, policy_id, code):
    desk = Desk(tmp_path)
    desk.room._policy_of = lambda _: policy_id
    if code is None:
        assert asyncio.run(desk.room.form("p")).form == FORM
        return
    with pytest.raises(RefusedError) as refused:
        asyncio.run(desk.room.form("p"))
    assert refused.value.code == code


def test_a_court_without_a_way_is_said(tmp_path):
    with pytest.raises(RefusedError) as refused:
        filed(Desk(tmp_path, TOLD), court="jeju")
    assert refused.value.code == "no_way"


def test_an_entry_of_her_diary_goes_with_its_time_and_the_proof(tmp_path):
    desk = Desk(tmp_path, TOLD)
    entry = Paper(name="e1", kind=PaperKind.ENTRY, version=1, at_ms=0, size=0)
    sealed = asyncio.run(desk.papers.write("p", entry, b"sealed", HASH))
    assert sealed.at_ms == desk.now_ms
    assert desk.ledger.acts[0].reason.value == f"sha256 {HASH}"
    desk.now_ms += 86_400_000
    filed(desk, exhibits=(("photo.jpg", b"\xff\xd8photo", "e1"), ("letter.pdf", b"%PDF", None)))
    (found,) = desk.inbox()
    by_name = {one.name: one for one in found.papers.open.exhibits}
    assert by_name["photo.jpg"].made_ms == sealed.at_ms
    assert by_name["letter.pdf"].made_ms is None
    (seal,) = json.loads(found.exhibits[SEALS])
    assert (seal["exhibit"], seal["entry"], seal["sha256"]) == ("photo.jpg", sealed.entry, HASH)


def test_an_entry_is_written_once_and_nothing_is_written_over_unread(tmp_path):
    desk = Desk(tmp_path)

    def write(name, kind, version, seal=None, body=b"x"):
        return asyncio.run(desk.papers.write("p", Paper(name=name, kind=kind, version=version, at_ms=0, size=0), body, seal))

    write("e1", PaperKind.ENTRY, 1, HASH)
    write("p1", PaperKind.PETITION, 1)
    assert write("p1", PaperKind.PETITION, 2, body=b"y").version == 2
    for refused, code in [
        (("e1", PaperKind.ENTRY, 2, HASH), "once"),
        (("p1", PaperKind.PETITION, 2), "changed"),
        (("p1", PaperKind.KEY, 3), "once"),
        (("p2", PaperKind.PETITION, 2), "changed"),
    ]:
        with pytest.raises(RefusedError) as found:
            write(*refused)
        assert found.value.code == code
    assert asyncio.run(desk.papers.body("p", "p1")) == b"y"
    assert asyncio.run(desk.papers.body("other", "p1")) is None
    asyncio.run(desk.papers.drop("p", "p1"))
    assert [one.name for one in asyncio.run(desk.papers.all_of("p"))] == ["e1"]
    with pytest.raises(RefusedError) as found:
        write("big", PaperKind.FILE, 1, body=bytes(MOST_BYTES + 1))
    assert found.value.code == "full"


def test_an_entry_that_the_ledger_does_not_take_is_not_kept(tmp_path):
    desk = Desk(tmp_path)
    desk.ledger.broken = True
    with pytest.raises(RefusedError) as found:
        asyncio.run(desk.papers.write("p", Paper(name="e", kind=PaperKind.ENTRY, version=1, at_ms=0, size=0), b"x", HASH))
    assert found.value.code == "not_stored"
    assert asyncio.run(desk.papers.all_of("p")) == []


@pytest.mark.parametrize("body", [b"", b"\0\0\0\x05{}", b"\0\0\0\x02{}rest", b"\xff\xff\xff\xff{}"])
def test_what_is_no_petition_is_said(body):
    with pytest.raises(RefusedError):
        given_of(body)


@given_bytes(st.integers(0, 2_000), st.integers(0, 8), st.binary(max_size=8))
def test_any_bytes_are_a_petition_or_refused(at, gone, put):
    """A petition with a part replaced is refused, or is one again: its parts together are all that was sent, and nothing else is raised."""
    whole = given(exhibits=(("a.jpg", b"photo", None),)).whole
    body = whole[:at] + put + whole[at + gone :]
    with contextlib.suppress(RefusedError):
        found = given_of(body)
        assert sum(map(len, found.bodies)) + 4 + int.from_bytes(body[:4]) == len(body)


@pytest.mark.parametrize(
    "setting",
    [
        {"key": "age1nothing", "way": "folder", "to": "/tmp"},
        {"key": str(KEY.to_public()), "way": "mailbox", "to": "court@example.org"},
        {"key": str(KEY.to_public()), "way": "receiver", "to": "https://court.example"},
        {"key": str(KEY.to_public()), "way": "receiver", "to": "http://court.example", "secret": "whsec_" + "QUJD" * 8},
    ],
)
def test_a_court_that_cannot_be_reached_as_it_is_set_up_stops_the_start_with_its_name(setting):
    with pytest.raises(SettingsError, match="The settings of the court seoul"):
        doors_of({"seoul": CourtSettings(**setting)}, None, {})


async def paired(house, client):
    answer = await client.post(f"{house.url('protected')}/api/pair", json={"code": house.code}, headers={"sec-fetch-site": "same-origin"})
    name, _, rest = answer.headers["set-cookie"].partition("=")
    return {"cookie": f"{name}={rest.partition(';')[0]}", "sec-fetch-site": "same-origin"}


async def whole_way(house, folder):
    """Pair, seal an entry, file with it, and read the ledger's proof as a court does."""
    async with Server(house.settings, presets()) as server, httpx2.AsyncClient() as client:
        headers, url = await paired(house, client), house.url("protected")
        label = json.dumps({"name": "e1", "kind": "entry", "version": 1, "seal": HASH})
        sealed = (await client.post(f"{url}/api/papers/write", content=b"\0sealed", headers={**headers, "jikimi-paper": label})).json()
        listed = (await client.get(f"{url}/api/papers", headers=headers)).json()
        assert [(one["name"], one["entry"], one["at_ms"]) for one in listed] == [("e1", sealed["entry"], sealed["at_ms"])]
        assert (await client.post(f"{url}/api/papers/read", json={"name": "e1"}, headers=headers)).content == b"\0sealed"
        form = (await client.get(f"{url}/api/petition/form", headers=headers)).json()
        assert set(form["form"]["title"]) == {"ko", "en"}
        thai = (await client.get(f"{url}/api/petition/form?language=th", headers=headers)).json()
        assert (thai["form"]["languages"], set(thai["form"]["title"])) == (["ko", "en", "th"], {"ko", "en", "th"})
        assert form["courts"] == [{"court_id": "seoul-central", "way": "folder"}]
        assert (await client.post(f"{url}/api/papers/write", content=b"", headers=headers)).status_code == 400
        reader = seals_of(server.stores.ledger_reader)
        for _ in range(200):
            hash_, salt, proof = reader(sealed["entry"])
            if proof is not None:
                break
            await asyncio.sleep(0.05)
        assert hash_ == HASH
        found = proofs.parse(proof)
        assert opens(found.leaf, Opening("reason", bytes.fromhex(salt), f"sha256 {HASH}"))
        assert HASH.encode() not in found.leaf, "the line says nothing to whoever has no salt"


@pytest.mark.sockets
def test_the_whole_way_over_real_sockets(tmp_path):
    house = House(tmp_path / "data", 21_310)
    court = CourtSettings(key=str(KEY.to_public()), way="folder", to=str(tmp_path))
    house.settings = msgspec.structs.replace(house.settings, courts={"seoul-central": court})
    asyncio.run(whole_way(house, tmp_path))
