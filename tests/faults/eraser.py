"""A keeper that kills itself with SIGKILL right before its n-th change of anything that is kept.

``python -m tests.faults.eraser FOLDER NOW UNTIL N``.

Prints how many changes there were when it came to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jikimi.runtime.keeper import opened
from jikimi.runtime.settings import Settings
from jikimi.storage import files, personal
from jikimi.storage.cases import Cases
from jikimi.storage.oversight import SqlOversight
from jikimi.storage.retention import SqlRetention
from jikimi.storage.vault.daykeys import DayKeys
from jikimi.storage.vault.store import Vault


class Bomb:
    """Counts changes, and goes off before one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def tick(self) -> None:
        """Count one change."""
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self, owner: Any, name: str) -> None:
        """Count each call of this as a change."""
        plain: Callable[..., Any] = getattr(owner, name)

        def counted(*args: Any, **more: Any) -> Any:
            self.tick()
            return plain(*args, **more)

        setattr(owner, name, counted)


CHANGES: tuple[tuple[Any, str], ...] = (
    (DayKeys, "destroy"),
    (DayKeys, "find_or_make"),
    (Vault, "take"),
    (Vault, "erase_named"),
    (SqlRetention, "begin"),
    (SqlRetention, "add"),
    (SqlRetention, "erase_order"),
    (SqlRetention, "scrubbed"),
    (SqlRetention, "finish"),
    (personal, "erase_incidents"),
    (SqlOversight, "put_copy"),
    (SqlOversight, "erase_copies"),
    (files, "replace"),
    (files, "sync_folder"),
    (Path, "unlink"),
    (Cases, "_write"),
    (Cases, "_drop"),
)


def main() -> None:
    """Erase, and die on the way."""
    folder, now, until, at = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    bomb = Bomb(at)
    for owner, name in CHANGES:
        bomb.arm(owner, name)
    with opened(Settings(data_dir=folder, log_level="critical"), now) as keeper:
        keeper.erase(until)
    sys.stdout.write(str(bomb.count))


if __name__ == "__main__":
    main()
