"""Put a deployer's own PMTiles file in place, after looking at it. What ``jikimi`` prints about a map comes from here too."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from jikimi.basemap.header import MapInfo, MapRefusedError, read_info


def install(source: Path, target: Path) -> MapInfo:
    """Copy the map ``source`` to ``target`` in one step: readers see the old map or the new one, never half of one.

    Raises:
        MapRefusedError: the source is no base map that our pages can draw; nothing was changed.
        OSError: it cannot be read or there is no room; nothing was changed.
    """
    info = read_info(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".basemap-", dir=target.parent)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, source.open("rb") as whole:
            shutil.copyfileobj(whole, file, 1024 * 1024)
            file.flush()
            os.fsync(file.fileno())
        if read_info(copy) != info:
            raise MapRefusedError("The file changed while it was copied.")
        copy.chmod(0o644)
        copy.replace(target)
    finally:
        copy.unlink(missing_ok=True)
    return info


def lines(info: MapInfo) -> list[str]:
    """Return what a deployer should know of a map, a line each."""
    return [
        f"name: {info.name or 'the file does not say'}",
        f"size: {info.size_bytes / 1_000_000:.1f} MB",
        f"zoom levels: {info.lowest_zoom} to {info.highest_zoom}",
        f"bounds: west {info.west:.3f}, south {info.south:.3f}, east {info.east:.3f}, north {info.north:.3f}",
        f"layers: {', '.join(info.layers) or 'the file does not say'}",
        f"attribution: {info.attribution or 'the file names no source. Find out what its licence asks you to show.'}",
    ]
