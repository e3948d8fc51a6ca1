"""Before every app: from where a request came, for the ledger's lines that are written while it is served."""

from __future__ import annotations

from jikimi.apps.asgi import App, Receive, Scope, Send
from jikimi.disclosure.ledger.whence import Networks, came, whence_of


class WhenceApp:
    """Says from where each request came, and hands it on.

    Args:
        app: the app behind.
        networks: which networks are whose.
    """

    def __init__(self, app: App, networks: Networks) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "http":
            client = scope.get("client")
            came(whence_of(None if client is None else client[0], self._networks))
        await self._app(scope, receive, send)
