"""Every example in docs/protocols.md is read as the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jikimi.ingest.credentials import sign
from jikimi.ingest.ports import Request
from jikimi.ingest.protocols import PROTOCOLS, decode_bytes
from jikimi.ingest.protocols.alarms import KINDS
from jikimi.model.event import EventKind
from jikimi.model.fix import Source

PAGE = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text("utf-8")
T = 1_794_990_400_000


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_json(title: str) -> bytes:
    return re.findall(r"```json\n(.*?)```", section(title), re.DOTALL)[0].encode()


@pytest.mark.parametrize("name", ["native", "osmand", "owntracks", "overland", "traccar"])
def test_the_json_example_is_one_good_fix(name):
    decoded = decode_bytes(name, first_json(name))
    (fix,) = decoded.fixes
    assert decoded.refused == ()
    assert (fix.latitude, fix.longitude, fix.course_deg, fix.battery_pct) == (37.5665, 126.978, 92, 81)
    assert fix.speed_mps == pytest.approx(1.3, abs=0.1)


def test_the_query_example_is_one_good_fix():
    line = next(line for line in PAGE.splitlines() if line.strip().startswith("GET /osmand?"))
    (fix,) = decode_bytes("osmand", b"", query=line.split("?")[1].encode()).fixes
    assert (fix.latitude, fix.error_m, fix.battery_pct) == (37.5665, 6.5, 81)


def test_every_word_is_on_the_page():
    for word in (*EventKind, *Source):
        assert f"`{word}`" in section("native")
    for protocol in PROTOCOLS.values():
        assert f"`{protocol.name}`" in PAGE
        assert protocol.path in PAGE
    listed = {
        word.lower()
        for row in section("Alarms").splitlines()
        for word in re.findall(r"`(\w+)`", row.split("|")[1] if row.startswith("|") else "")
    }
    assert listed == set(KINDS)


def test_the_signed_lines_are_as_described():
    lines = re.search(r"\n    POST\n    (\S+)\n    (\d+)\n    (\S+)\n", PAGE)
    path, time, nonce = lines.groups()
    header = re.search(r"Jikimi-HMAC device=\S+,time=(\d+),nonce=(\w+),", PAGE)
    assert header.groups() == (time, nonce)
    assert len(sign(b"key", Request("POST", path, b"", {}, b""), int(time), nonce)) == 64


def test_the_answer_shown_is_json():
    answer = re.findall(r"```json\n(.*?)```", section("native"), re.DOTALL)[1]
    assert list(json.loads(answer)) == ["accepted", "repeated", "refused"]
