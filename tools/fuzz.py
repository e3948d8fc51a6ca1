"""Runs every coverage-guided fuzz target for a while; a finding stops it with the input that caused it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SECONDS = int(os.environ.get("JIKIMI_FUZZ_SECONDS", "60"))


def main() -> None:
    """Run the targets one after the other."""
    for target in sorted(Path("tests/fuzz").glob("fuzz_*.py")):
        print(f"{target.stem}: {SECONDS} s", flush=True)
        command = [sys.executable, "-m", f"tests.fuzz.{target.stem}", f"-max_total_time={SECONDS}"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
