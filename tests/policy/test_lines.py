"""Every key's line is the line on which it stands, however the TOML is written."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from jikimi.policy.lines import key_lines, line_of

SAMPLE = '''# a comment with [brackets] and = signs
a = 1
b.c = "x # not a comment = [1]"   # comment

"quoted key" = 'lit\\eral'
"esc\\u0061pe" = true
[t]  # table
list = [
  1,  # one
  [2, 3],
  { x = 1, y = "}" },
]
text = """
[not.a.table]
key = 1 \\"""
"""
raw = \'\'\'
# nor this \'\'\'
empty = ""
date = 2026-06-01
inline = { deep.er = 1, other = [ ] }
[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
m = 3
[[rows.inner]]
o = 4
[t.u]
last = 5'''


def test_a_text_with_every_construct():
    lines = key_lines(SAMPLE)
    assert tomllib.loads(SAMPLE)["rows"][1]["inner"][0]["o"] == 4
    expected = {
        ("a",): 2,
        ("b", "c"): 3,
        ("quoted key",): 5,
        ("escape",): 6,
        ("t",): 7,
        ("t", "list"): 8,
        ("t", "list", 0): 9,
        ("t", "list", 1, 1): 10,
        ("t", "list", 2, "y"): 11,
        ("t", "text"): 13,
        ("t", "raw"): 17,
        ("t", "empty"): 19,
        ("t", "date"): 20,
        ("t", "inline", "deep", "er"): 21,
        ("t", "inline", "other"): 21,
        ("rows", 0, "n"): 23,
        ("rows", 1): 24,
        ("rows", 1, "n"): 25,
        ("rows", 1, "sub", "m"): 27,
        ("rows", 1, "inner", 0, "o"): 29,
        ("t", "u", "last"): 31,
    }
    assert {path: lines.get(path) for path in expected} == expected


def test_a_missing_key_has_the_line_of_what_would_hold_it():
    lines = key_lines("a = 1\n[t]\nb = 2\n")
    assert line_of(lines, ("t", "absent", "deeper")) == 2
    assert line_of(lines, ("absent",)) == 1


_KEYS = st.text("abcdefgh-_0123", min_size=1, max_size=4)
_SCALARS = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.sampled_from(["true", "1.5e3", "inf", "2026-06-01", '"a#b=[{"', "'c]}'", '"""m\nn"""', "'''\n[x]\ny=1'''", '""']),
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n " + ", # c ]\n".join(items) + ("\n" if items else "") + "]"),
        st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]"),
    ),
    max_leaves=5,
)
_ROWS = st.lists(st.tuples(_KEYS, _VALUES), max_size=5, unique_by=lambda row: row[0])


@given(st.lists(st.tuples(_KEYS, _ROWS), max_size=4, unique_by=lambda table: table[0]))
def test_any_written_text_is_followed(tables):
    text, expected = "", {}
    for name, rows in tables:
        expected[(name,)] = text.count("\n") + 1
        text += f"[{name}] # {name} = 1\n"
        for key, value in rows:
            expected[(name, key)] = text.count("\n") + 1
            text += f"  {key} = {value} # [x]\n\n"
    tomllib.loads(text)
    found = key_lines(text)
    assert {path: found.get(path) for path in expected} == expected
    assert all(path in expected or isinstance(path[-1], int) for path in found)
