"""Either a claim with a device and a secret or signature, or None, or DecodeError; nothing else, for every protocol.

Run by hand: ``python -m tests.fuzz.fuzz_authorization -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import authorization

if __name__ == "__main__":
    run(authorization)
