"""What every failure to store has in common, whoever met it."""

from __future__ import annotations


class NotStoredError(Exception):
    """Something could not be written durably. Nothing of it is acknowledged; asking again is right."""
