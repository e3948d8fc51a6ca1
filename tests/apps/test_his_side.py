"""He is never shown hers: whatever reaches his side is the same for any position of hers, and a lint over what could reach it.

His side is what his device is answered, commanded and refused, and what anybody reads who gets hold of it or of the server's log.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

import jikimi
from jikimi.delivery.leak import check
from jikimi.delivery.words import HIS_PLACES, read_book
from jikimi.incidents.scripts import scripts
from jikimi.model.sampling import MonitoredBy
from jikimi.policy.load import presets
from jikimi.runtime.logs import HARMLESS, only_harmless, without_values
from tests.apps.jump_loop import run
from tests.apps.test_asking import SECRET, Door
from tests.apps.test_stream import pause

SOURCE = Path(jikimi.__file__).parent
STEPS = 12


async def everything_he_gets(hers_m):
    """His device reports and errs in every way while she is, step by step, at these places (None: unheard). Returns all that came back."""
    door, told = Door(), []
    for number, her_m in enumerate(hers_m):
        if her_m is not None:
            await door.reports("phone", her_m, number=f"h{number}")
        told.append(await door.reports("tag", number * 21.0, number=f"m{number}"))
        told.append(await door.reports("tag", number * 21.0, number=f"m{number}"))
        for path, body, headers in MISTAKES:
            told.append(await asked(door, path, body, headers))
        await pause(15.0)
        door.hub.tick()
    return told


GOOD = (b"authorization", f"Bearer tag.{SECRET}".encode())
MISTAKES = [
    ("/v1/fixes", b"{", [GOOD]),
    ("/v1/fixes", b'{"fixes":[{"id":"x","lat":99,"lon":0,"time":1}]}', [GOOD]),
    ("/v1/fixes", b"{}", [(b"authorization", b"Bearer tag.wrong-secret-wrong-secret")]),
    ("/v1/fixes", b"{}", []),
    ("/osmand", b"", [GOOD]),
    ("/nowhere", b"", []),
]


async def asked(door, path, body, headers):
    incoming, sent = [{"type": "http.request", "body": body, "more_body": False}], []

    async def receive():
        return incoming.pop()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers, "client": ("198.51.100.9", 1)}
    await door.app(scope, receive, send)
    return sent


WAY = st.lists(st.none() | st.floats(-60_000, 60_000), min_size=STEPS, max_size=STEPS)


@settings(max_examples=15, deadline=None)
@given(WAY, WAY)
def test_answers_commands_and_errors_are_the_same_bytes_for_any_position_of_hers(one, other):
    found = []

    async def story():
        found.append(await everything_he_gets(one))
        found.append(await everything_he_gets(other))

    run(story())
    assert found[0] == found[1]
    assert any("interval_s" in json.loads(answer[-1]["body"]) for answer in found[0] if answer[-1]["body"].startswith(b'{"accepted"'))


@settings(max_examples=8, deadline=None)
@given(WAY, WAY)
def test_log_lines_are_the_same_for_any_position_of_hers(one, other):
    def lines(hers_m):
        logged = []

        def keep(logger, method, event):
            logged.append(only_harmless(logger, method, without_values(logger, method, dict(event))))
            raise structlog.DropEvent

        before = structlog.get_config()
        structlog.configure(processors=[keep], cache_logger_on_first_use=False)
        try:
            run(_run(hers_m))
        finally:
            structlog.configure(**before)
        return logged

    async def _run(hers_m):
        await everything_he_gets(hers_m)

    assert lines(one) == lines(other)


def test_the_log_lets_no_field_through_that_could_say_where_or_who():
    assert not HARMLESS & {"latitude", "longitude", "lat", "lon", "position", "person_id", "device_id", "pair_id", "low_m", "distance_m"}
    event = only_harmless(None, "", {"event": "x", "lat": 37.5, "low_m": 40.0, "person_id": "p"})
    assert event == {"event": "x"}


def calls(tree):
    return {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}


HIS_DOOR = [SOURCE / "apps" / "device.py", *(SOURCE / "ingest").rglob("*.py")]


@pytest.mark.parametrize("path", HIS_DOOR, ids=lambda path: path.name)
def test_the_devices_door_asks_the_core_for_no_pair_and_no_view(path):
    """It hands reports in and gets counts and an interval back: it has no word for another person."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not calls(tree) & {"view", "trail", "pair", "pairs", "pairs_of_owner", "worst", "transitions", "pairs_of"}
    assert not {name for name in imported if name.startswith(("jikimi.disclosure", "jikimi.core", "jikimi.incidents"))}


def test_no_log_line_is_glued_together():
    """A log call says a fixed sentence; what varies stands in fields, and only harmless ones pass."""
    seen = 0
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
            if named and node.func.value.id in {"log", "logger"} and node.func.attr in {"debug", "info", "warning", "error", "critical"}:
                seen += 1
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno}"
                assert {keyword.arg for keyword in node.keywords} <= HARMLESS | {"exc_info"}, f"{path}:{node.lineno}"
    assert seen > 10


def test_every_text_of_the_book_to_him_passes_the_check_and_has_none_but_his_own_places():
    book = read_book()
    his = {name: words for name, words in book.words.items() if words.to == "monitored"}
    assert his
    for words in his.values():
        for text in (*words.title.values(), *words.text.values()):
            check(text.replace("{phone}", "02-123-4567"))
            assert {"{" + rest.split("}")[0] + "}" for rest in text.split("{")[1:]} <= {"{" + place + "}" for place in HIS_PLACES}


def test_every_line_that_an_operator_reads_to_him_passes_the_check():
    said = [line for script in scripts().scripts.values() for lines in script.him.values() for line in lines]
    assert said
    for line in said:
        check(line)


@pytest.mark.parametrize("policy", list(presets().values()), ids=lambda policy: policy.policy_id)
def test_no_preset_lets_his_interval_depend_on_the_pair(policy):
    assert policy.sampling.monitored_by is MonitoredBy.OWN_MOVEMENT
