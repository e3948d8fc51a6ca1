"""The police of the demonstration: the reference agency on a port of its own on this machine, that takes its time."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import httpx2
import uvicorn

from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.setup import DeliverySettings
from jikimi.runtime.settings import Settings
from jikimi.scenarios.agency import Agency, Event

NAME: Final = "police"
RESTS_S: Final[Mapping[str, float]] = MappingProxyType({"received": 8.0, "sent": 60.0, "arrived": 90.0, "done": 0.0})
"""How long the unit takes after each step: time enough to open the officers' page and press first."""


class PlayedPolice:
    """Takes the demonstration's requests, answers them, and tells of each new page for an officer.

    Args:
        say: prints a line.
        rests_s: seconds after each step.
    """

    def __init__(self, say: Callable[[str], object], rests_s: Mapping[str, float] = RESTS_S) -> None:
        self._say = say
        self._rests_s = rests_s
        self._secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._shown: set[str] = set()

    def delivery(self) -> DeliverySettings:
        """Return the settings by which a server posts to it."""
        return DeliverySettings(endpoints={NAME: Endpoint(f"http://127.0.0.1:{self._socket.getsockname()[1]}/jikimi", self._secret)})

    async def work(self, served: Settings) -> None:
        """Take and answer requests until cancelled."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            agency = Agency(self._secret, f"http://127.0.0.1:{served.device_port}/v1/answers/{NAME}", client, self._rest, self._told)
            config = uvicorn.Config(agency, lifespan="off", log_config=None, access_log=False)
            server = uvicorn.Server(config)
            server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
            try:
                await server.serve(sockets=[self._socket])
            finally:
                self._socket.close()

    async def _rest(self, step: str) -> None:
        await asyncio.sleep(self._rests_s[step])

    def _told(self, event: Event) -> None:
        live = (event.data.report or {}).get("live")
        if live is not None and live not in self._shown:
            self._shown.add(live)
            self._say(f"  an officer's phone   {live}   (police sent, {event.data.title})")
