"""Our own laws about what may stand in the tree, each with its reason.

- No package registry's host: it would tell where we work, and a lock file must serve everybody.
- No naive time: `datetime.now()` without a zone, `utcnow`.
- No truth test of a number that may be zero: `if distance:` takes 0 m for missing.
- No personal field in a log call.
- Nothing left to do: a note to oneself is a defect report that nobody reads.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Built from parts so that this file does not contain what it looks for.
HOSTS = re.compile(
    "|".join(("py" + "pi" + r"\.org", "python" + "hosted", "registry" + r"\.npm" + "js", "npm" + r"js\.org", "/work" + "/(main|shared)"))
)
NOTES = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
NUMBERS = re.compile(r"(distance|latitude|longitude|_m|_s|_ms|_mps|_deg|_pct)$")
PERSONAL = {"latitude", "longitude", "lat", "lon", "person_id", "device_id", "fix", "fixes", "label", "position", "secret", "token"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}


def tracked() -> list[Path]:
    """Return the files git tracks, and those it would."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True).stdout
    return [path for path in map(Path, listed.splitlines()) if path.is_file()]


def in_text(path: Path, text: str) -> Iterator[str]:
    """Yield what is wrong with any text file."""
    for number, line in enumerate(text.splitlines(), start=1):
        if HOSTS.search(line):
            yield f"{path}:{number}: names a registry's host or a path of one machine"
        if path.suffix in {".py", ".ts", ".svelte"} and NOTES.search(line):
            yield f"{path}:{number}: a note to oneself"


def in_python(path: Path, tree: ast.AST) -> Iterator[str]:
    """Yield what is wrong with Python source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from in_call(path, node, node.func)
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from in_test(path, node.test)


def in_call(path: Path, node: ast.Call, func: ast.Attribute) -> Iterator[str]:
    """Yield naive times and personal fields in logs."""
    if func.attr == "utcnow" or (
        func.attr == "now" and isinstance(func.value, ast.Name | ast.Attribute) and not node.args and not node.keywords
    ):
        owner = func.value.id if isinstance(func.value, ast.Name) else func.value.attr  # type: ignore[union-attr]
        if func.attr == "utcnow" or owner == "datetime":
            yield f"{path}:{node.lineno}: a time without a zone"
    if func.attr in LOGS and isinstance(func.value, ast.Name) and func.value.id in {"log", "logger", "_log"}:
        for keyword in node.keywords:
            if keyword.arg in PERSONAL:
                yield f"{path}:{node.lineno}: a personal field in a log call"


def in_test(path: Path, test: ast.expr) -> Iterator[str]:
    """Yield truth tests of numbers."""
    operand = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else test
    name = operand.id if isinstance(operand, ast.Name) else operand.attr if isinstance(operand, ast.Attribute) else ""
    if NUMBERS.search(name):
        yield f"{path}:{test.lineno}: a truth test of a number: 0 is not missing"


def main() -> int:
    """Check the tree; print what is wrong."""
    found: list[str] = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += in_text(path, text)
        if path.suffix == ".py" and path.parts[0] == "src":
            found += in_python(path, ast.parse(text))
    print("\n".join(found) if found else "The tree keeps our own laws.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
