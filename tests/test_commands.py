"""`make help`, `jikimi decode` and `jikimi policy check` as a reader of the README uses them: what they print, and with what they end."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jikimi import cli
from tests.ingest.test_docs import first_json

ROOT = Path(__file__).parent.parent
PROTOCOLS = ("native", "osmand", "owntracks", "overland", "traccar")
GOOD = {"id": "f1", "time": 1_700_000_000_000, "lat": 37.5, "lon": 127.0}


class Said:
    """What one command printed, and its status."""

    def __init__(self, monkeypatch, *words: str, stdin: bytes = b"", encoding: str = "utf-8"):
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding, errors="strict") for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                cli.main(list(words))
                self.status = 0
            except SystemExit as ended:
                self.status = ended.code or 0
            for stream in (out, err):
                stream.flush()
        self.out, self.err = (stream.buffer.getvalue().decode(encoding).splitlines() for stream in (out, err))


@pytest.fixture
def say(monkeypatch):
    return lambda *words, **more: Said(monkeypatch, *words, **more)


def test_make_help_lists_every_target_with_what_it_does():
    makefile = (ROOT / "Makefile").read_text()
    done = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = dict(re.findall(r"^([a-z-]+) +(\S.*)$", done.stdout, re.MULTILINE))
    assert set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()) == set(listed)
    assert {"run", "test", "bench", "faults", "help"} <= set(listed)
    bare = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert bare.stdout == done.stdout


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_decode_prints_a_fix_as_a_json_line(say, protocol):
    said = say("decode", protocol, stdin=first_json(protocol))
    (fix,) = [one["fix"] for one in map(json.loads, said.out) if "fix" in one]
    assert (fix["latitude"], fix["longitude"], said.err, said.status) == (37.5665, 126.978, [], 0)


def test_decode_reads_queries_lines_and_sealed_bodies(say):
    query = say("decode", "osmand", "--query", "id=a.b&lat=1&lon=2&timestamp=1700000000")
    lines = say("decode", "native", "--content-type", "application/x-ndjson", stdin=b"\n".join([json.dumps(GOOD).encode()] * 2))
    sealed = say("decode", "owntracks", stdin=b'{"_type":"encrypted","data":"AAAA"}')
    assert json.loads(query.out[0])["fix"]["latitude"] == 1.0
    assert len(lines.out) == 2
    assert (sealed.out, sealed.err, sealed.status) == (
        [],
        ["The payload is encrypted, but no encryption key is on record for this device."],
        1,
    )


def test_decode_keeps_the_good_part_and_names_the_rest(say):
    body = {"fixes": [GOOD, GOOD | {"lat": 91}], "events": [{"id": "e1", "event": "sos"}]}
    said = say("decode", "native", stdin=json.dumps(body).encode())
    assert [next(iter(json.loads(line))) for line in said.out] == ["fix", "event"]
    assert (said.err, said.status) == (['item 1: "lat" must be a number of degrees from -90 to 90.'], 0)


def test_decode_ends_with_1_where_nothing_can_be_read(say):
    none_good = say("decode", "native", stdin=json.dumps({"fixes": [GOOD | {"lat": 91}]}).encode())
    broken = say("decode", "native", stdin=b"{")
    unknown = say("decode", "nmea", stdin=b"{")
    assert (none_good.out, len(none_good.err), none_good.status) == ([], 1, 1)
    assert (broken.out, len(broken.err), broken.status) == ([], 1, 1)
    assert (unknown.err, unknown.status) == (["Unknown protocol; known are native, osmand, owntracks, overland, traccar."], 1)


def test_an_empty_batch_is_nothing_and_no_error(say):
    said = say("decode", "native", stdin=b'{"fixes":[]}')
    assert (said.out, said.err, said.status) == ([], [], 0)


@given(
    protocol=st.sampled_from(PROTOCOLS),
    body=st.binary(max_size=80),
    word=st.text(max_size=12),
    option=st.sampled_from(["query", "key", "content-type"]),
)
@example("osmand", b"", "id=\udcff&lat=1&lon=2&timestamp=1700000000", "query")
@example("owntracks", b'{"_type":"encrypted","data":"AAAA"}', "k\udcff", "key")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_decode_is_given_it_never_ends_in_a_traceback(say, protocol, body, word, option):
    said = say("decode", protocol, f"--{option}={word}", stdin=body)
    assert said.status == (1 if not said.out and said.err else 0)
    for line in said.out:
        assert json.loads(line).keys() <= {"fix", "event"}


def test_a_name_in_hangul_is_printed_on_a_terminal_that_knows_ascii_alone(say):
    said = say("decode", "native", stdin=json.dumps({"fixes": [GOOD | {"id": "지킴이"}]}).encode(), encoding="ascii")
    assert json.loads(said.out[0])["fix"]["fix_id"] == "지킴이"


def test_policy_check_says_that_a_preset_is_right(say):
    said = say("policy", "check", "src/jikimi/policy/presets/kr.toml")
    assert (said.out, said.err, said.status) == (["src/jikimi/policy/presets/kr.toml: nothing is wrong."], [], 0)


def test_policy_check_names_the_line_and_the_reason(say, tmp_path):
    lines = (ROOT / "src/jikimi/policy/presets/kr.toml").read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("position_max_age_s"))
    lines[at] = 'position_max_age_s = "soon"'
    mine = tmp_path / "mine.toml"
    mine.write_text("\n".join(lines), "utf-8")
    said = say("policy", "check", str(mine))
    assert (said.out, said.status) == ([], 1)
    assert said.err
    assert all(line.startswith("mine.toml, line ") for line in said.err)
    assert any(line.startswith(f"mine.toml, line {at + 1}: ") and "position_max_age_s" in line for line in said.err)


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "cannot be read"), (b"\xff\xfe", "not UTF-8"), (b"[[[", "not TOML"), (b"", "is missing")]
)
def test_policy_check_of_what_is_no_policy_is_a_sentence(say, tmp_path, content, reason):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    said = say("policy", "check", str(file))
    assert (said.out, said.status) == ([], 1)
    assert reason in said.err[0]


def test_policy_check_of_a_folder_without_a_policy_does_not_say_that_all_is_well(say, tmp_path):
    said = say("policy", "check", str(tmp_path))
    assert (said.out, said.status) == ([], 1)
    assert said.err == [f"{tmp_path.name}: the folder holds no policy; each is a file whose name ends in .toml."]
