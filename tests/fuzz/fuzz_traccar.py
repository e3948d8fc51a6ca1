"""Either Decoded or DecodeError, nothing else; every Fix in range; what was decoded names its device.

Run by hand: ``python -m tests.fuzz.fuzz_traccar -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import traccar

if __name__ == "__main__":
    run(traccar)
