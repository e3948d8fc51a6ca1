"""A timing never fails a test: no deadline for an example, however busy the machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("core", deadline=None)
settings.load_profile("core")
