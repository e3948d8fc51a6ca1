"""A digest of what the core says about many histories: equal for two builds of it that decide alike."""

from __future__ import annotations

import hashlib

import msgspec

from tests.core.generate import history
from tests.core.test_spec_equals_engine import run_engine

HISTORIES = 600
STEPS = 60


def digest() -> str:
    """Return the digest."""
    found = hashlib.sha256()
    for seed in range(HISTORIES):
        transitions, verdicts = run_engine(*history(seed, STEPS))
        found.update(msgspec.msgpack.encode((transitions, verdicts)))
    return found.hexdigest()


if __name__ == "__main__":
    print(digest())  # noqa: T201
