"""Either a receipt, or None, or BadReceiptError in one sentence; nothing else.

Run by hand: ``python -m tests.fuzz.fuzz_receipts -max_total_time=60``.
"""

from __future__ import annotations

from tests.fuzz.run import run
from tests.fuzz.targets import receipts

if __name__ == "__main__":
    run(receipts)
