"""Either Decoded or DecodeError, nothing else; every Fix in range; the device id field is found or refused likewise.

Run by hand: ``python -m tests.fuzz.fuzz_osmand -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import osmand

if __name__ == "__main__":
    run(osmand)
