"""What an HTTP answer, or its absence, says about a message."""

from __future__ import annotations

import httpx2

from jikimi.delivery.message import Answer, Verdict

_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol, httpx2.InvalidURL)


def verdict_of(found: httpx2.Response | Exception) -> Answer:
    """Return the answer for a response, or for what was raised in its place.

    A request that never left is refused. One that left and was not answered may have worked: nobody knows.
    """
    if isinstance(found, _NOT_SENT):
        return Answer(Verdict.REFUSED, why="unreachable", is_fault=True)
    if isinstance(found, Exception):
        return Answer(Verdict.UNKNOWN, why="timeout" if isinstance(found, httpx2.TimeoutException) else "line_broke", is_fault=True)
    if found.is_success:
        return Answer(Verdict.ACCEPTED)
    if found.status_code == 429:
        return Answer(Verdict.REFUSED, why="throttled", is_fault=True)
    if found.status_code in {502, 504}:  # a gateway that did not hear from its server: the message may be through
        return Answer(Verdict.UNKNOWN, why=f"status_{found.status_code}", is_fault=True)
    return Answer(Verdict.REFUSED, why=f"status_{found.status_code}", is_fault=found.status_code >= 500 or found.status_code in {401, 403})
