"""The server that benches measure, as a process: the ordinary one, on uvloop."""

from __future__ import annotations

import uvloop

from bench.world import run

if __name__ == "__main__":
    uvloop.run(run())
