"""Either fixes or DamagedColumnError, nothing else.

Run by hand: ``python -m tests.fuzz.fuzz_chunk -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import chunk

if __name__ == "__main__":
    run(chunk)
