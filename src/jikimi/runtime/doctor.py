"""`jikimi doctor`: what is wrong here, each in a sentence that says what to do."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from jikimi.basemap.header import MapRefusedError, read_info
from jikimi.delivery.rules import read_rules
from jikimi.delivery.setup import vapid_of
from jikimi.policy.defect import PolicyError
from jikimi.runtime import policies
from jikimi.runtime.commands import now_ms, say
from jikimi.runtime.reached import called_on, short, unreached
from jikimi.runtime.retaining import findings
from jikimi.runtime.settings import Settings, SettingsError, load
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.database import RegisterRefusedError
from jikimi.storage.journal import JournalDamagedError
from jikimi.storage.keys import MasterKeyError

LEAST_FREE_BYTES: Final = 2_000_000_000
STATIC: Final = Path(__file__).parent.parent / "apps" / "static"


def run(config: Path | None) -> int:
    """Print findings; return 0 when nothing is wrong, else 1."""
    try:
        settings = load(config)
    except SettingsError as error:
        say(f"✗ {error}")
        return 1
    wrong = 0
    for name, check in CHECKS.items():
        findings = list(check(settings))
        wrong += len(findings)
        say("\n".join(f"✗ {name}: {finding}" for finding in findings) if findings else f"✓ {name}")
    return 1 if wrong else 0


def clock(_settings: Settings) -> Iterator[str]:
    """A wrong clock makes every fix look late or early."""
    now = dt.datetime.now(dt.UTC)
    built = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    if now < built:
        yield "it shows a time before this version was made. Set the machine's clock, and let a time service keep it."
    found = shutil.which("timedatectl")
    if found is not None:
        answer = subprocess.run([found, "show", "--property=NTPSynchronized", "--value"], capture_output=True, text=True, check=False)  # noqa: S603  a fixed command
        if answer.returncode == 0 and answer.stdout.strip() == "no":
            yield "no time service keeps it. Switch one on: fixes are compared with it to the second."


def disk(settings: Settings) -> Iterator[str]:
    """The journal must never fill the disk."""
    folder = settings.data if settings.data.exists() else settings.data.absolute().parent
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free
    if free < LEAST_FREE_BYTES:
        yield f"{free / 1e9:.1f} GB are free where the data live; keep at least 2 GB, or devices will be told to come back."


def permissions(settings: Settings) -> Iterator[str]:
    """Nobody else on the machine may read the data."""
    if settings.data.exists() and stat.S_IMODE(settings.data.stat().st_mode) & 0o077:
        yield "other users of this machine can open the data folder. Close it: chmod 700."
    if settings.data.exists() and not os.access(settings.data, os.R_OK | os.W_OK | os.X_OK):
        yield "the data folder cannot be written to. Give it to the account that runs the server, on a disk that is not read-only."
    key = settings.data / "master.key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield "other users of this machine can read the master key. Close it: chmod 600, and think about a new one."


def keys(settings: Settings) -> Iterator[str]:
    """The master key must open what is there."""
    try:
        stores = Stores(settings)
        stores.register().version()
        stores.reading().load_checkpoint()
    except (SettingsError, MasterKeyError, RegisterRefusedError, JournalDamagedError) as error:
        yield str(error)


def push_keys(settings: Settings) -> Iterator[str]:
    """With Web Push set up, its key must sign and its contact be one that a push service accepts."""
    push = settings.delivery.push
    if push is None:
        return
    try:
        vapid = vapid_of(push, Stores(settings).push_key())
        vapid.authorization(f"https://{push.hosts[0]}/", 0)
    except (ValueError, SettingsError, MasterKeyError) as error:
        yield str(error)


def known_policies(settings: Settings) -> Iterator[str]:
    """Policies must be sound, or their orders cannot be watched."""
    try:
        policies.load(settings)
    except (PolicyError, SettingsError) as error:
        yield from str(error).splitlines()


def reached(settings: Settings) -> Iterator[str]:
    """An alarm that leads nowhere must be found before the night in which it rings."""
    try:
        register, tables = Stores(settings).register(), policies.installed(settings).responders
        orders, addresses, rules = register.orders(), SqlAddresses(register.engine), read_rules()
        used = [table for name in {one.policy_id for one in orders} if (table := policies.of_variant(tables, name)) is not None]
        called = addresses.of_all({name for table in used for name in called_on(table)})
        protected = addresses.of_all({name for one in orders for name in one.protected_ids})
        yield from unreached(settings.delivery, rules, sorted(used, key=lambda one: one.policy_id), called)
        yield from short(settings.delivery, rules, protected)
    except PolicyError as error:
        yield from str(error).splitlines()
    except (SettingsError, MasterKeyError, RegisterRefusedError) as error:
        yield str(error)


def erasure(settings: Settings) -> Iterator[str]:
    """What fell due must be gone within a day; and what is not in the vault cannot leave the journal."""
    try:
        yield from findings(settings, now_ms())
    except PolicyError as error:
        yield from str(error).splitlines()
    except (SettingsError, MasterKeyError, RegisterRefusedError, JournalDamagedError) as error:
        yield str(error)


def base_map(settings: Settings) -> Iterator[str]:
    """Without a map the app shows distance and direction on a plain ground."""
    try:
        read_info(Stores(settings).basemap)
    except FileNotFoundError:
        yield "none is installed: run `jikimi basemap build`, or `jikimi basemap install FILE`."
    except (MapRefusedError, SettingsError, MasterKeyError) as error:
        yield str(error)


def pages(_settings: Settings) -> Iterator[str]:
    """The front ends are built from `web/`."""
    for audience in ("protected", "desk", "field", "oversight", "helper", "court"):
        if not (STATIC / audience / "index.html").exists():
            yield f"the pages of the {audience} app are not built: run `make run`, or `npm run build` in web/."


def ports(settings: Settings) -> Iterator[str]:
    """Each audience listens on a port of its own."""
    for audience in ("device", "protected", "desk", "field", "oversight", "helper", "court"):
        port = getattr(settings, f"{audience}_port")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError:
                yield f"port {port} of the {audience} app is taken (by a running server, or by another program)."


def outside(settings: Settings) -> Iterator[str]:
    """Phones need TLS: browsers give no position and keep no session without it."""
    if settings.host not in {"127.0.0.1", "localhost", "::1"} and not settings.tls:
        yield "it listens beyond this machine without a TLS proxy in front (tls = true). Phones refuse to work, and others read along."


CHECKS: Final[dict[str, Callable[[Settings], Iterator[str]]]] = {
    "clock": clock,
    "disk": disk,
    "permissions": permissions,
    "keys": keys,
    "push keys": push_keys,
    "policies": known_policies,
    "who is reached": reached,
    "erasure": erasure,
    "base map": base_map,
    "pages": pages,
    "ports": ports,
    "outside": outside,
}
