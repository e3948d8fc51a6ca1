"""The page that leads from each promise to its test names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import tests

HERE = Path(tests.__file__).parent
PAGE = HERE.parent / "docs" / "evidence.md"
NAMED = re.compile(r"`(test_\w+|tests/[\w/]+\.py)`")


def known():
    """Return every test's name, and every file of tests."""
    files = [path for path in HERE.rglob("test_*.py") if path.is_file()]
    functions = (node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.name for node in functions if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return names | {path.relative_to(HERE.parent).as_posix() for path in files}


def test_every_promise_names_a_test_that_is_there():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|") and re.match(r"\|( promise |-)", line) is None]
    named = [NAMED.findall(row.split("|")[2]) for row in rows]
    assert len(rows) > 30
    assert all(named), "a promise without a test"
    assert {name for names in named for name in names} - known() == set()
