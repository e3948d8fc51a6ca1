"""Orders and devices from the command line: through the clerk, so that nothing is undone behind anybody's back."""

from __future__ import annotations

import contextlib
import datetime as dt
import json

import pytest

from jikimi.identity.roles import Role
from jikimi.identity.second import Deed, SecondError, State
from jikimi.ingest.credentials import Guard, bearer, digest
from jikimi.ingest.ports import Request
from jikimi.model.order import Device
from jikimi.model.register import Status
from jikimi.runtime import counter, second
from jikimi.runtime.commands import now_ms
from jikimi.runtime.second import Hands, finish
from jikimi.runtime.shell import os_account
from jikimi.storage.identity import SqlStaff
from jikimi.storage.lines import SqlLines
from jikimi.storage.second import SqlSecond
from tests.accounts import here, stand_for
from tests.ingest.fakes import FakeDirectory

DAY_MS = 86_400_000


@pytest.fixture
def office(tmp_path, monkeypatch):
    monkeypatch.setenv("JIKIMI_DATA_DIR", str(tmp_path))
    staff = SqlStaff(counter.Counter(None).register.engine)
    staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=2)
    for name in ("officer", "colleague"):
        staff.add(name, Role.SUPERVISOR, "chief", None, now_ms=1, until_ms=2)
    return lambda: counter.Counter(None)


def confirm(office):
    """Two accounts stand at their screens for what was proposed last."""
    register = office().register
    return stand_for(register, office().clerk, SqlSecond(register.engine).told(now_ms(), 1)[0].number, "officer", "colleague")


def add(capsys, *, basis="kr-provisional", days=30.0, protected=("p",), tagged=True):
    counter.order_add(
        None, "kr", "m", protected, basis, None, "officer", days, 100.0, None, ["home:37.5,127,50"], region="KR-11", tagged=tagged
    )
    return next(line.split()[1] for line in capsys.readouterr().out.splitlines() if line.startswith("order "))


def lasting(office, order_id):
    return max(one.until_ms for one in office().register.orders() if one.order_id == order_id)


def test_an_order_that_is_entered_is_told_to_the_core_and_kept_by_the_clerk(office, capsys):
    order_id = add(capsys)
    assert [one.order_id for one in office().register.orders()] == [order_id]
    order = office().clerk.order(order_id)
    assert (order.status, order.owner, order.tagged) == (Status.IN_FORCE, "officer", True)
    assert "스토킹" in order.legal_basis


def test_an_order_that_is_ended_stays_ended_whatever_the_clerk_writes_next(office, capsys):
    order_id = add(capsys)
    counter.order_end(None, order_id, "revoke", "officer", "decision of today")
    assert lasting(office, order_id) > now_ms(), "one alone ends nothing"
    with pytest.raises(SecondError, match="counts nobody"):
        SqlSecond(office().register.engine).confirm(1, here("colleague"), now_ms=now_ms())
    assert confirm(office).state is State.DONE
    ended = lasting(office, order_id)
    assert ended <= now_ms()
    office().clerk.advance(now_ms() + 20 * DAY_MS)
    assert lasting(office, order_id) == ended
    counter.order_end(None, order_id, "revoke", "officer", "twice")
    twice = confirm(office)
    assert (twice.state, bool(twice.word)) == (State.FAILED, True)


def test_an_order_of_before_there_was_a_clerk_can_still_be_ended(office, capsys):
    order_id = add(capsys)
    register = office().register
    (one,) = register.orders()
    register.add_order(type(one)(**{name: getattr(one, name) for name in one.__struct_fields__} | {"order_id": "old"}))
    counter.order_end(None, "old", "revoke", "officer", "decision of today")
    confirm(office)
    assert lasting(office, "old") <= now_ms() < lasting(office, order_id)


def test_an_unlawful_length_is_refused_with_the_latest_day(office, capsys):
    with pytest.raises(SystemExit):
        add(capsys, days=200.0)
    assert "at the latest" in capsys.readouterr().err
    assert office().register.orders() == []


@pytest.mark.parametrize(("basis", "sentence"), [("kr-nothing", "kr-provisional"), ("kr-urgent", "knows no measure monitoring")])
def test_a_basis_that_does_not_fit_is_refused_with_what_would(office, capsys, basis, sentence):
    with pytest.raises(SystemExit):
        add(capsys, basis=basis)
    assert sentence in capsys.readouterr().err
    assert office().register.orders() == []


def test_an_order_is_extended_suspended_and_goes_on(office, capsys):
    order_id = add(capsys)
    before = lasting(office, order_id)
    counter.order_extend(None, order_id, dt.datetime.now(dt.UTC).date() + dt.timedelta(days=60), [], "officer", "decision")
    assert lasting(office, order_id) > before + 25 * DAY_MS
    counter.order_suspend(None, order_id, "officer", "detained")
    confirm(office)
    assert office().clerk.order(order_id).status is Status.SUSPENDED
    assert lasting(office, order_id) <= now_ms()
    counter.order_resume(None, order_id, "officer", "released")
    assert office().clerk.order(order_id).status is Status.EXTENDED
    assert max(one.until_ms for one in office().register.orders()) > before


def test_a_device_that_is_given_out_is_awaited_until_it_is_taken_back(office, capsys):
    order_id = add(capsys)
    counter.device_add(None, "tag", "m", "tag-1", None, None, order_id, "officer")
    assert office().clerk.awaited() == {"tag-1"}
    with pytest.raises(SystemExit):
        counter.device_revoke(None, "tag-1", "officer", None)
    counter.device_revoke(None, "tag-1", "officer", "the battery is worn out")
    assert [device.revoked for device in office().register.devices()] == [False]
    confirm(office)
    assert office().clerk.awaited() == frozenset()
    assert [device.revoked for device in office().register.devices()] == [True]


def test_a_device_for_somebody_whom_the_order_does_not_name_is_not_registered(office, capsys):
    order_id = add(capsys)
    with pytest.raises(SystemExit):
        counter.device_add(None, "tag", "stranger", "tag-1", None, None, order_id, "officer")
    assert office().register.devices() == []


def test_an_order_without_a_tag_is_an_order(office, capsys):
    order_id = add(capsys, basis="kr-urgent", days=20.0, tagged=False)
    assert [(one.order_id, one.tagged) for one in office().register.orders()] == [(order_id, False)]


def test_a_schedule_is_entered_from_a_file_and_its_gaps_are_asked_about(office, capsys, tmp_path):
    """Given a way to work that ends at nine and work that begins at ten, when both are entered, then the hour between is asked about."""
    order_id = add(capsys)
    first = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
    usual = {"monitored_id": "m", "time_zone": "Asia/Seoul", "decided_by": "2026-12", "zone": {"type": "circle", "latitude": 37.5,
             "longitude": 127.0, "radius_m": 200.0}}  # fmt: skip
    days = {"type": "weekly", "weekdays": [0, 1, 2, 3, 4, 5, 6], "first_day": first, "last_day": first}
    way = usual | {"permission_id": "way", "kind": "transit", "when": days | {"from_time": "08:00:00", "until_time": "09:00:00"}}
    work = usual | {"permission_id": "work", "kind": "work", "when": days | {"from_time": "10:00:00", "until_time": "18:00:00"}}
    file = tmp_path / "meetings.json"
    file.write_text(json.dumps([way, work]), encoding="utf-8")
    counter.order_permit(None, order_id, file, "officer")
    said = capsys.readouterr().out
    assert "between a way and what it leads to some time is not permitted" in said
    assert "2 allowed meetings" in said
    assert [line.what for line in lines(office)][-1] == "order:permitted"
    for wrong, words in (
        ([way | {"kind": "holiday"}], "none of allowed meetings"),
        ([way | {"monitored_id": "stranger"}], "must stay away"),
    ):
        file.write_text(json.dumps(wrong), encoding="utf-8")
        assert words in refused(capsys, counter.order_permit, None, order_id, file, "officer")
    assert "cannot be read" in refused(capsys, counter.order_permit, None, order_id, tmp_path / "none.json", "officer")


def lines(office):
    return [act for _, act in SqlLines(office().register.engine).unwritten()]


def test_a_device_gets_a_new_secret_and_the_old_one_is_kept_for_the_overlap(office, capsys):
    order_id = add(capsys)
    counter.device_add(None, "tag", "m", "tag-1", None, None, order_id, "officer")
    old = office().device("tag-1")
    capsys.readouterr()
    counter.device_rotate(None, "tag-1", 1.0, "officer", "every year")
    secret = capsys.readouterr().out.splitlines()[1].rpartition(".")[2]
    assert office().device("tag-1").secret_sha256 == old.secret_sha256, "one alone replaces nothing"
    assert "asked for already" in refused(capsys, counter.device_rotate, None, "tag-1", 0.0, "officer", "again")
    confirm(office)
    new = office().device("tag-1")
    assert (new.secret_sha256, new.sealing_key) == (digest(secret), secret.encode())
    assert (new.earlier_sha256, new.earlier_key) == (old.secret_sha256, old.sealing_key)
    assert (new.next_sha256, new.next_key) == (None, None)
    assert now_ms() < new.earlier_until_ms <= now_ms() + 3_600_000
    for device, hours, reason in (("nothing", 1.0, "r"), ("tag-1", -1.0, "r"), ("tag-1", 1.0, None)):
        with pytest.raises(SystemExit):
            counter.device_rotate(None, device, hours, "officer", reason)
    counter.device_revoke(None, "tag-1", "officer", "the battery is worn out")
    confirm(office)
    assert "revoked" in refused(capsys, counter.device_rotate, None, "tag-1", 1.0, "officer", "r")


def test_no_command_of_one_silences_a_tag_or_the_gateway_of_many(office, capsys):
    """Given a tag behind a gateway, whatever one person types, then both are believed by their secrets as before."""
    order_id = add(capsys)
    counter.device_add(None, "gateway", None, "gate-1", None, None, None, "officer")
    counter.device_add(None, "tag", "m", "tag-1", "gate-1", "350000000000001", order_id, "officer")
    counter.device_add(None, "handset", "p", "watch-1", None, None, None, "officer")
    before = {one.device_id: one for one in office().register.devices()}
    for device in ("tag-1", "gate-1"):
        for hours in (0.0, 0.01, 24.0):
            with contextlib.suppress(SystemExit):
                counter.device_rotate(None, device, hours, "officer", "r")
        counter.device_revoke(None, device, "officer", "r")
        with contextlib.suppress(SystemExit):
            counter.device_add(None, "tag", "m", device, None, None, order_id, "officer")
        now = office().device(device)
        assert (now.secret_sha256, now.sealing_key, now.revoked) == (before[device].secret_sha256, before[device].sealing_key, False)
        assert now.earlier_until_ms is None
    counter.device_rotate(None, "watch-1", 0.0, "officer", None)
    assert office().device("watch-1").secret_sha256 != before["watch-1"].secret_sha256, "a handset's own secret needs nobody else"


@pytest.mark.parametrize("kind", ["tag", "handset"])
def test_no_second_device_is_given_to_who_has_a_tag(office, capsys, kind):
    """What a false one sends would be believed beside the real one, and put him elsewhere."""
    order_id = add(capsys)
    counter.device_add(None, "tag", "m", "tag-1", None, None, order_id, "officer")
    assert "has a device already" in refused(capsys, counter.device_add, None, kind, "m", "tag-2", None, None, order_id, "officer")
    assert [one.device_id for one in office().register.devices()] == ["tag-1"]


def test_a_stolen_secret_is_refused_at_the_second_confirmation_and_the_device_gets_another_at_once(office, capsys):
    order_id = add(capsys)
    counter.device_add(None, "tag", "m", "tag-1", None, None, order_id, "officer")
    stolen = capsys.readouterr().out.splitlines()[1].split()[1]
    requests, now = SqlSecond(office().register.engine), now_ms()
    asked = requests.ask(Deed.CUT_CREDENTIAL, "tag-1", here("officer"), "the box was broken into", now_ms=now)
    assert isinstance(claimed(office, stolen), Device)
    confirmed = requests.confirm(asked.number, here("colleague"), now_ms=now_ms())
    assert finish(requests, Hands(office().register, office().clerk), confirmed, now_ms()).state is State.DONE
    assert claimed(office, stolen).kind == "rotated_secret"
    capsys.readouterr()
    counter.device_rotate(None, "tag-1", 24.0, "officer", None)
    fresh = capsys.readouterr().out.splitlines()[0].split()[1]
    assert isinstance(claimed(office, fresh), Device)
    assert not isinstance(claimed(office, stolen), Device), "no overlap brings it back"


def claimed(office, credential):
    """What the devices' door makes of a credential."""
    directory = FakeDirectory(*office().register.devices())
    return Guard(directory).check(bearer({"authorization": f"Bearer {credential}"}), Request("POST", "/v1/fixes", b"", {}, b""), now_ms())


def test_whoever_acts_at_the_shell_stands_beside_whom_he_names(office, capsys):
    order_id = add(capsys)
    with pytest.raises(SystemExit):
        counter.order_suspend(None, order_id, "officer", "detained at 37.5665, 126.9780")
    counter.order_end(None, order_id, "acquit", "officer", "acquitted")
    entered, asked = lines(office)
    assert (entered.what, asked.what) == ("order:entered", "end_order:proposed")
    assert asked.who.value == "officer"
    assert asked.order.value == order_id
    for line in (entered, asked):
        assert f"by the operating system's account {os_account()}" in line.reason.value
    confirm(office)
    assert [line.what for line in lines(office)][2:] == ["end_order:asked", "end_order:confirmed", "end_order:done"]


def test_nobody_is_asked_to_confirm_what_is_impossible(office, capsys):
    for step in (
        lambda: counter.order_end(None, "nothing", "revoke", "officer", "r"),
        lambda: counter.order_suspend(None, "nothing", "officer", "r"),
        lambda: counter.order_end(None, add(capsys), "revoke", "chief", "an administrator sees no orders"),
    ):
        with pytest.raises(SystemExit):
            step()
    assert SqlSecond(office().register.engine).told(now_ms(), 9) == []


def test_a_command_line_shows_and_waits_for_what_becomes_of_its_request(office, capsys):
    order_id = add(capsys)
    requests = SqlSecond(office().register.engine)
    counter.order_end(None, order_id, "revoke", "officer", "decision of today")
    assert "`jikimi second wait 1`" in capsys.readouterr().out
    assert "There is no request" in refused(capsys, second.wait, None, 9)
    refuse = lambda _s: requests.refuse(1, here("colleague"), "it is of another case", now_ms=now_ms())  # noqa: E731
    assert "It is refused. it is of another case" in refused(capsys, second.wait, None, 1, refuse)
    second.show(None)
    assert "refused" in capsys.readouterr().out
    counter.order_end(None, order_id, "revoke", "officer", "decision of today")
    second.wait(None, 2, lambda _s: confirm(office))
    assert "It is done: asked by officer, confirmed by colleague." in capsys.readouterr().out
    assert lasting(office, order_id) <= now_ms()


def refused(capsys, call, *arguments):
    capsys.readouterr()
    with pytest.raises(SystemExit):
        call(*arguments)
    return capsys.readouterr().err


def test_a_device_in_use_is_never_replaced_by_adding_it_again(office, capsys):
    """Given a tag under an order, when somebody adds it a second time by mistake, then its secret goes on to be believed."""
    order_id = add(capsys)
    counter.device_add(None, "tag", "m", "tag-1", None, None, order_id, "officer")
    before = office().device("tag-1")
    assert "already" in refused(capsys, counter.device_add, None, "tag", "m", "tag-1", None, None, order_id, "officer")
    assert office().device("tag-1") == before


@pytest.mark.parametrize(
    ("kind", "person", "device", "behind", "known_as", "words"),
    [
        ("tag", " ", "tag-1", None, None, "empty"),
        ("tag", "m", "a b", None, None, "1 to 64 letters"),
        ("tag", "m", "x" * 65, None, None, "1 to 64 letters"),
        ("tag", "m", "tag-1", "nope", "350000000000001", "no gateway"),
    ],
)
def test_a_device_that_cannot_work_is_refused_in_a_sentence(office, capsys, kind, person, device, behind, known_as, words):
    assert words in refused(capsys, counter.device_add, None, kind, person, device, behind, known_as, None, "officer")
    assert office().register.devices() == []


def test_a_device_for_somebody_in_no_order_is_registered_with_a_word(office, capsys):
    counter.device_add(None, "tag", "nobody", "tag-1", None, None, None, "officer")
    assert "no order names this person" in capsys.readouterr().out


@pytest.mark.parametrize("days", [float("nan"), float("inf"), -1.0, 0.0, 1e9])
def test_a_length_that_is_none_is_refused_in_a_sentence(office, capsys, days):
    assert "36,600 days" in refused(capsys, lambda: add(capsys, days=days))
    assert office().register.orders() == []


@pytest.mark.parametrize("metres", [float("nan"), 0.0, -5.0, 1e7])
def test_a_distance_that_is_none_is_refused_in_a_sentence(capsys, office, metres):
    words = (None, "kr", "m", ["p"], "kr-provisional", None, "officer", 30.0, metres, None, [])
    assert "100,000 m" in refused(capsys, lambda: counter.order_add(*words, region=None, tagged=True))


def test_a_line_of_the_command_line_names_whom_it_is_about(office, capsys):
    order_id = add(capsys)
    counter.device_add(None, "handset", "p", "watch-1", None, None, order_id, "officer")
    counter.device_revoke(None, "watch-1", "officer", None)
    named = {line.what: {one.value for one in line.whose} for _, line in SqlLines(office().register.engine).unwritten()}
    assert named["order:entered"] == {"m", "p"}
    assert named["device:added"] == named["device:revoked"] == {"p"}
