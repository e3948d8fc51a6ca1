"""Either Decoded or DecodeError, nothing else; every Fix in range.

Run by hand: ``python -m tests.fuzz.fuzz_native -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import native

if __name__ == "__main__":
    run(native)
