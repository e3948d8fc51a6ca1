"""Either a row or a fix that its place takes, or ArchiveError in one sentence; nothing else.

Run by hand: ``python -m tests.fuzz.fuzz_record -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import record

if __name__ == "__main__":
    run(record)
