"""Where each key of a TOML text stands, so that a defect can name its line.

The standard parser forgets positions. This walker runs only over text that the parser has already accepted, so it needs
no error handling of its own: it follows keys, skips values, and knows strings, comments, arrays and inline tables
(TOML 1.0.0, sections "Keys", "Table", "Inline Table", "Array of Tables").
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]
"""Keys and, inside arrays, places counted from 0."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)


def key_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and array element of a valid TOML text."""
    walker = _Walker(text)
    walker.document()
    return walker.found


def line_of(found: dict[Path, int], path: Path) -> int:
    """Return the line of ``path``, or of the nearest thing around it that stands in the text; 1 where nothing does."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return 1


class _Walker:
    """One pass over one text. ``at`` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self._counted_to = 0
        self._line = 1
        self._elements: dict[Path, int] = {}

    def document(self) -> None:
        """Follow every statement: a table header or a key and its value."""
        table: Path = ()
        while self._skip(_BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        line = self._line_here()
        of_array = self.text.startswith("[[", self.at)
        self.at += 2 if of_array else 1
        path = self._resolved(self._key(), keep_last=not of_array)
        self.at += 2 if of_array else 1
        if of_array:
            self._elements[path] = self._elements.get(path, -1) + 1
            self.found.setdefault(path, line)
            path = (*path, self._elements[path])
        self.found.setdefault(path, line)
        return path

    def _resolved(self, key: Path, *, keep_last: bool) -> Path:
        """Put the place of the newest element behind every array of tables on the way."""
        path: Path = ()
        for number, part in enumerate(key):
            path = (*path, part)
            if path in self._elements and (keep_last or number < len(key) - 1):
                path = (*path, self._elements[path])
        return path

    def _pair(self, table: Path) -> None:
        line = self._line_here()
        key = self._key()
        self.at += 1  # the "="
        self._skip(_SPACE)
        for length in range(1, len(key) + 1):
            self.found.setdefault((*table, *key[:length]), line)
        self._value((*table, *key))

    def _key(self) -> Path:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            parts.append(self._key_part())
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _key_part(self) -> str:
        start = self.at
        if self.text[start] not in "\"'":
            self._skip(_BARE)
            return self.text[start : self.at]
        self._string()
        return str(tomllib.loads(f"key = {self.text[start : self.at]}")["key"])

    def _value(self, path: Path) -> None:
        first = self.text[self.at]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        elif first in "\"'":
            self._string()
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        place = 0
        while self.text[self._skip(_BLANK)] != "]":
            element = (*path, place)
            self.found[element] = self._line_here()
            self._value(element)
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
            place += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self.text[self._skip(_BLANK)] != "}":
            self._pair(path)
            if self.text[self._skip(_BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _string(self) -> None:
        for pattern in _STRINGS:
            match = pattern.match(self.text, self.at)
            if match is not None:
                self.at = match.end()
                return

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return self.at

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        return self._line
