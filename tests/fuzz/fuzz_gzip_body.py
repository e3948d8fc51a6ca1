"""Either at most LIMIT bytes or DecodeError, nothing else.

Run by hand: ``python -m tests.fuzz.fuzz_gzip_body -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import gzip_body

if __name__ == "__main__":
    run(gzip_body)
