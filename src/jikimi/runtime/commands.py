"""What the command line does. Answers go to standard output; whatever is wrong is one sentence on standard error."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from jikimi.basemap import install as maps
from jikimi.basemap.header import MapRefusedError, read_info
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols import decode_bytes
from jikimi.policy.defect import PolicyError
from jikimi.policy.resolve import track_rules
from jikimi.runtime import policies, recovery
from jikimi.runtime.ports import JournalFailedError
from jikimi.runtime.settings import Settings, SettingsError, load
from jikimi.runtime.stores import Stores
from jikimi.storage.database import RegisterRefusedError
from jikimi.storage.journal import JournalDamagedError
from jikimi.storage.keys import MasterKeyError
from jikimi.storage.ledger import LedgerDamagedError

MENDABLE: Final = (
    MasterKeyError,
    RegisterRefusedError,
    JournalDamagedError,
    JournalFailedError,
    SettingsError,
    LedgerDamagedError,
    LedgerUnavailableError,
    PolicyError,
    PermissionError,
)
"""Errors whose text is a sentence for whoever runs the server."""
DAY_MS: Final = 86_400_000
CODE_MS: Final = 7 * DAY_MS


def fail(sentence: str) -> SystemExit:
    """Say what is wrong; to be raised."""
    sys.stderr.write(f"{sentence}\n")
    return SystemExit(1)


def say(text: str) -> None:
    """Print an answer, at once also into a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def settings(config: Path | None) -> Settings:
    """Read the settings, or end with what is wrong with them."""
    try:
        return load(config)
    except SettingsError as error:
        raise fail(str(error)) from error


def now_ms() -> int:
    """Return the wall clock's time."""
    return time.time_ns() // 1_000_000


def serve(config: Path | None) -> None:
    """Run the server until it is told to stop."""
    from jikimi.runtime.server import run  # noqa: PLC0415  the web framework is heavy, and only this command needs it

    found = settings(config)
    try:
        known = policies.load(found)
        policies.installed(found)
    except PolicyError as error:
        raise fail(str(error)) from error
    asyncio.run(run(found, known))


def replay(config: Path | None, case: str | None) -> None:
    """Replay the journal, or the pairs of one case."""
    found = settings(config)
    rules = track_rules(next(iter(policies.load(found).values())))
    journal = Stores(found).reading()
    pairs: Sequence[str | None] = recovery.pairs_of_case(journal, case) if case is not None else [None]
    if not pairs:
        raise fail("The journal knows no order and no pair of that name.")
    results = [(pair_id, recovery.replay(journal, rules, pair_id)) for pair_id in pairs]
    for pair_id, result in results:
        name = f"pair {pair_id}" if pair_id is not None else "the whole journal"
        verdict = "byte-equal" if result.difference is None else "the first difference:"
        say(f"{name}: {result.fixes} fixes, {result.transitions} transitions, {verdict}")
        for since_ms, until_ms in result.gaps:
            say(f"inputs between {utc(since_ms)} and {utc(until_ms)} were not stored")
        if result.difference is not None:
            say(msgspec.json.format(msgspec.json.encode(result.difference)).decode())
    if any(result.difference is not None for _, result in results):
        raise SystemExit(1)


def utc(at_ms: int) -> str:
    """Return a moment as a command prints it."""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat(timespec="milliseconds")


def decode(protocol: str, query: str, content_type: str | None, key: str | None) -> None:
    """Decode standard input."""
    try:
        decoded = decode_bytes(
            protocol,
            b"" if query and sys.stdin.isatty() else sys.stdin.buffer.read(),
            content_type=content_type,
            query=os.fsencode(query),
            key=os.fsencode(key) if key is not None else None,
        )
    except DecodeError as error:
        raise fail(str(error)) from error
    for fix in decoded.fixes:
        say(msgspec.json.encode({"fix": msgspec.structs.asdict(fix)}).decode())
    for event in decoded.events:
        say(msgspec.json.encode({"event": msgspec.structs.asdict(event)}).decode())
    for refused in decoded.refused:
        sys.stderr.write(f"item {refused.index}: {refused.reason}\n")
    if decoded.refused and not decoded.fixes and not decoded.events:
        raise SystemExit(1)


def basemap_build(config: Path | None) -> None:
    """Build the demonstration's map."""
    from jikimi.basemap.build import BuildError, build  # noqa: PLC0415  needs the extra `build`

    target = Stores(settings(config)).basemap
    try:
        build(target)
    except BuildError as error:
        raise fail(str(error)) from error
    say("\n".join(maps.lines(read_info(target))))


def basemap_install(config: Path | None, file: Path) -> None:
    """Install a map of one's own."""
    try:
        info = maps.install(file, Stores(settings(config)).basemap)
    except (MapRefusedError, OSError) as error:
        raise fail(str(error)) from error
    say("\n".join(maps.lines(info)))


def basemap_info(config: Path | None) -> None:
    """Say what the installed map holds."""
    try:
        say("\n".join(maps.lines(read_info(Stores(settings(config)).basemap))))
    except FileNotFoundError as error:
        raise fail("No base map is installed: run `jikimi basemap build`, or install one with `jikimi basemap install FILE`.") from error
    except MapRefusedError as error:
        raise fail(str(error)) from error
