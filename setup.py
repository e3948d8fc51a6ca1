"""Builds the decision core with mypyc where ``JIKIMI_COMPILE=1`` asks for it; everything else stands in pyproject.toml.

The same source runs either way. Without the variable nothing is compiled and no C compiler is needed. With it mypy must be
there already: ``JIKIMI_COMPILE=1 pip install --no-build-isolation .``, or ``make compile`` for a wheel in build/wheels.
"""

import os
import platform

from setuptools import setup

# Not state: msgspec reads the annotations of its structs, which compiled classes do not keep.
CORE = [f"src/jikimi/core/{module}.py" for module in ("geodesy", "zone", "track", "limits", "coming", "pair", "engine", "view")]


def extensions() -> list[object]:
    """Return the compiled modules, if they are wanted."""
    if os.environ.get("JIKIMI_COMPILE") != "1":
        return []
    from mypyc.build import mypycify  # noqa: PLC0415

    found = mypycify(CORE, opt_level="3")
    if platform.system() != "Windows":
        for extension in found:
            # One rounding for each operation, on every processor: a replay must give the same bytes.
            extension.extra_compile_args.append("-ffp-contract=off")
    return list(found)


setup(ext_modules=extensions())
