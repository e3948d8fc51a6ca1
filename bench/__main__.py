"""`make bench`: prints each figure beside its goal and writes bench/results.json. A bench never fails a test."""

from __future__ import annotations

import sys
import traceback
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
    """Measure the named parts, or all. A part that breaks is told, costs the others nothing, and makes the whole fail in the end."""
    figures: list[Figure] = []
    broken = []
    for part in sys.argv[1:] or PARTS:
        try:
            found = import_module(f"bench.{part}").measure()
        except Exception:  # noqa: BLE001 told below, and the end is a failure
            traceback.print_exc()
            broken.append(part)
            continue
        print(show(found), flush=True)
        figures += found
    if not sys.argv[1:]:
        write(figures)
    if broken:
        sys.exit(f"Not measured: {', '.join(broken)}.")


if __name__ == "__main__":
    main()
