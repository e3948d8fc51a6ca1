"""Ports for a test's server that nobody listens on: several tests, and several trees, may run on one machine."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

SPAN = 6


def free_base() -> int:
    """Return the first of ``SPAN`` neighbouring ports that are free now."""
    while True:
        base = random.randrange(20_000, 32_000, SPAN)  # below the ports that the system gives to clients
        with ExitStack() as held:
            try:
                for port in range(base, base + SPAN):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return base
