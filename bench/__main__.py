"""`make bench`: prints each figure beside its goal and writes bench/results.json. A bench never fails a test."""

from __future__ import annotations

import sys
from importlib import import_module

from bench.figures import Figure, show, write

PARTS = (
    "engine",
    "journal",
    "ledger",
    "gate",
    "vault",
    "keeping",
    "delivery",
    "notices",
    "identity",
    "incidents",
    "desk",
    "door",
    "start",
    "petition",
    "page",
)


def main() -> None:
    """Measure the named parts, or all."""
    wanted = sys.argv[1:] or PARTS
    figures: list[Figure] = []
    for part in wanted:
        found = import_module(f"bench.{part}").measure()
        print(show(found), flush=True)
        figures += found
    if not sys.argv[1:]:
        write(figures)


if __name__ == "__main__":
    main()
