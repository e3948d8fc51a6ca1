"""Feeds one target with atheris. Started by the ``fuzz_*`` modules, which say what holds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

# Before a target is imported, and our own code alone: to follow all of the libraries takes minutes before the first try.
with atheris.instrument_imports(include=["jikimi", "tests.fuzz"]):
    import tests.fuzz.targets  # noqa: F401 - so that it is followed
    from tests.fuzz.corpus import CORPUS


def run(target: Callable[[bytes], None]) -> None:
    """Fuzz until libFuzzer's options (``-max_total_time=60``) say to stop; a finding is written beside the caller."""
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(CORPUS[target.__name__]):
            Path(folder, str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, folder], target)
        atheris.Fuzz()
