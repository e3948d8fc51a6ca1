"""Whose command line it is. ``--by`` is believed; the operating system's account is written down beside it.

Whoever can run the command line holds the master key, so no check of ours could hold him. What can be done is to write down what
the operating system says of him: the account that runs the command, and, where the kernel keeps it (Linux audit), the account that
logged in, which ``sudo`` and ``su`` do not change.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Final

LOGIN_UID: Final = Path("/proc/self/loginuid")
NOT_SET: Final = 2**32 - 1
"""What the kernel shows where nobody logged in: a service, a container."""


def os_account(login_uid: Path = LOGIN_UID) -> str:
    """Return who runs this process, as ``root, logged in as mina`` where that is somebody else."""
    account = _name(os.geteuid())
    login = _login(login_uid)
    return account if login in {None, account} else f"{account}, logged in as {login}"


def _login(path: Path) -> str | None:
    try:
        uid = int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if uid == NOT_SET else _name(uid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"account number {uid}"
