"""A server in a process of its own, with as many pairs as a bench wants."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind, Order
from jikimi.orders.codes import new_code
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores

DAY_MS = 86_400_000
READY = "listening"
HOST = "127.0.0.1"


class World(NamedTuple):
    """A running server and everybody in its register."""

    settings: Settings
    process: subprocess.Popen[bytes]
    monitored: list[str]
    protected: list[str]
    sessions: list[str]


def populate(settings: Settings, pairs: int, sessions: int) -> tuple[list[str], list[str], list[str]]:
    """Enter pairs; return credentials of tags and of handsets, and session tokens of the first protected persons."""
    register = Stores(settings).register()
    now = time.time_ns() // 1_000_000
    secret, digest = new_secret()
    tags, handsets, orders, persons = [], [], [], []
    for number in range(pairs):
        monitored, protected = f"m{number}", f"p{number}"
        persons += [(monitored, monitored), (protected, protected)]
        tags.append(Device(device_id=f"tag{number}", kind=DeviceKind.TAG, person_id=monitored, secret_sha256=digest))
        handsets.append(Device(device_id=f"handset{number}", kind=DeviceKind.HANDSET, person_id=protected, secret_sha256=digest))
        orders.append(
            Order(
                order_id=f"o{number}",
                policy_id="kr",
                monitored_id=monitored,
                protected_ids=(protected,),
                from_ms=now - DAY_MS,
                until_ms=now + DAY_MS,
                legal_basis="bench",
            )
        )
    register.add_persons(persons)
    register.add_devices([*tags, *handsets])
    register.add_orders(orders)
    tokens = []
    for number in range(sessions):
        code = new_code()
        register.add_invitation(code, "protected", f"p{number}", now + DAY_MS)
        token = register.redeem(code, "protected", now, now + DAY_MS)
        assert token is not None
        tokens.append(token)
    return [f"{d.device_id}.{secret}" for d in tags], [f"{d.device_id}.{secret}" for d in handsets], tokens


@contextlib.contextmanager
def world(pairs: int, sessions: int = 0, base_port: int = 18_700) -> Iterator[World]:
    """Run a server with so many pairs, its journal on this machine's disk; stop and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        settings = Settings(
            staff_codes=True,
            data_dir=folder,
            device_port=base_port,
            protected_port=base_port + 1,
            desk_port=base_port + 2,
            oversight_port=base_port + 1_000,
            field_port=0,
            helper_port=0,
            court_port=0,
            log_level="error",
        )
        tags, handsets, tokens = populate(settings, pairs, sessions)
        process = start(settings)
        try:
            yield World(settings, process, tags, handsets, tokens)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the server and wait until it listens."""
    plain = msgspec.structs.asdict(settings)
    environment = {
        **os.environ,
        **{f"JIKIMI_{name.upper()}": str(value) for name, value in plain.items() if isinstance(value, str | int | float)},
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.serving"], env=environment, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent
    )
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    if line != READY:
        raise RuntimeError(f"the server did not start: {line!r}")
    return process


async def run() -> None:
    """Be that server."""
    from jikimi.apps.device import Limits
    from jikimi.runtime import logs, policies
    from jikimi.runtime.server import Server
    from jikimi.runtime.settings import load

    settings = load()
    logs.configure(settings.log_level)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    # No limit per device: one generator speaks for all of them, as fast as it can.
    async with Server(settings, policies.load(settings), limits=Limits(per_second=1e9, burst=1e9)):
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        await stop.wait()
