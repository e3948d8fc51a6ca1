"""`make compile`: the decision core, compiled by mypyc, as a wheel in build/wheels and unpacked in build/compiled.

The source tree stays as it is. Put build/compiled first on PYTHONPATH to run on the compiled core. With ``--test``
the tests of the core run on it too, and both builds must give the same bytes for the same histories.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ("src", "setup.py", "pyproject.toml", "README.md", "LICENSE")
WHEELS = ROOT / "build" / "wheels"
COMPILED = ROOT / "build" / "compiled"


def copied(folder: Path) -> Path:
    """Return a copy of what a wheel is made of: builds leave files beside the source."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__", "static", "*.pmtiles"))
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def build() -> Path:
    """Return the wheel, built from a copy."""
    shutil.rmtree(WHEELS, ignore_errors=True)
    source = copied(ROOT / "build" / "source")
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    environment = {**os.environ, "JIKIMI_COMPILE": "1"}
    built = subprocess.run(
        [sys.executable, "-c", code, str(WHEELS)], cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    if built.returncode != 0:
        sys.exit(f"The core could not be compiled:\n{built.stdout[-4000:]}\n{built.stderr[-4000:]}")
    shutil.rmtree(source)
    return next(WHEELS.glob("*.whl"))


def run(*arguments: str, compiled: bool) -> str:
    """Return what a Python process prints, on either build."""
    environment = {**os.environ}
    if compiled:
        environment["PYTHONPATH"] = str(COMPILED)
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout)
    return done.stdout


def test() -> None:
    """Run the core's tests on the compiled core, and compare both builds byte by byte."""
    found = run("-c", "import jikimi.core.engine as e; print(e.__file__)", compiled=True)
    if not found.startswith(str(COMPILED)) or found.strip().endswith(".py"):
        sys.exit("The compiled core was not found by the tests.")
    print(run("-m", "pytest", "tests/core", "-n", "2", compiled=True))
    if run("-m", "tests.core.digest", compiled=True) != run("-m", "tests.core.digest", compiled=False):
        sys.exit("The compiled core decides differently from the plain one.")
    print("Both builds give the same bytes.")


def main() -> None:
    """Build and unpack; test if asked to."""
    wheel = build()
    shutil.rmtree(COMPILED, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(COMPILED)
    count = len(list((COMPILED / "jikimi" / "core").glob("*.so")) + list((COMPILED / "jikimi" / "core").glob("*.pyd")))
    print(f"{count} compiled modules in {COMPILED.relative_to(ROOT)}, wheel {wheel.relative_to(ROOT)}")
    if "--test" in sys.argv[1:]:
        test()


if __name__ == "__main__":
    main()
