"""For every test: no network unless it says so, and then only this machine's."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How fast a machine is decides no test: speed is measured by `make bench`.
settings.register_profile("jikimi", deadline=None)
settings.load_profile("jikimi")

LOOPBACK = ["127.0.0.1", "::1", "localhost"]
ALLOWED = {"sockets", "browser", "faults"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the marked tests reach loopback; everything else reaches nothing."""
    for item in items:
        if ALLOWED.isdisjoint(mark.name for mark in item.iter_markers()):
            item.add_marker(pytest.mark.disable_socket)
        else:
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
