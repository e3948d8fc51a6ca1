"""When each session of staff last proved whose it is: what counts for two persons must have been proved a moment ago.

Kept in memory alone. After a restart nothing is fresh, and whoever confirms is asked once more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from jikimi.apps.session import Signed
from jikimi.identity.second import Present

MOST_KNOWN: Final = 20_000


class Proofs:
    """Proofs of the sessions of one app.

    Args:
        audience: whose app.
        now_ms: the time.
    """

    def __init__(self, audience: str, now_ms: Callable[[], int]) -> None:
        self._audience = audience
        self._now_ms = now_ms
        self._proved_ms: OrderedDict[str, int] = OrderedDict()

    def proved(self, token: str) -> None:
        """Take note that a session proved whose it is: by a passkey, by a code, or by a provider that asked the person anew."""
        self._proved_ms[token] = self._now_ms()
        self._proved_ms.move_to_end(token)
        if len(self._proved_ms) > MOST_KNOWN:
            self._proved_ms.popitem(last=False)

    def present(self, signed: Signed) -> Present:
        """Return who sits at a session's screen, and since when that is proved."""
        return Present(signed.subject, self._audience, self._proved_ms.get(signed.token))
