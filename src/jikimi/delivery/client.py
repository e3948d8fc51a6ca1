"""The HTTP client that channels use: short time limits, no redirects, no proxy from the environment, and no word in a log."""

from __future__ import annotations

import logging

import httpx2

from jikimi.delivery.rules import LaneRules


def http_client(rules: LaneRules) -> httpx2.AsyncClient:
    """Return a client for one channel; the channel closes it.

    A redirect would send a message where nobody set it up to go. The library logs each address, and a push subscription's address is a
    secret: whoever has it can send to that phone.
    """
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    limits = httpx2.Limits(max_connections=rules.workers, max_keepalive_connections=rules.workers)
    # Less than the lane's own limit, so that a connection that was never made is known as such.
    return httpx2.AsyncClient(timeout=rules.timeout_s * 0.9, limits=limits, follow_redirects=False, trust_env=False)
