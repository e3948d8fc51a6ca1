"""A mail server of a few commands, in the test's own process."""

from __future__ import annotations

import asyncio
import contextlib

from jikimi.delivery.mail import Relay


class FakeRelay:
    """A mail server of a few commands."""

    def __init__(self, **answers):
        self.answers = answers
        self.mails = []

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        async with server:
            yield Relay(host="127.0.0.1", port=server.sockets[0].getsockname()[1], sender="duty@example.net", is_plain=True)

    async def _serve(self, reader, writer):
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper().decode()
            if word == "DATA" and "DATA" in self.answers:
                break
            if word == "DATA":
                writer.write(b"354 go\r\n")
                self.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
            writer.write(self.answers.get(word.partition(":")[0], b"250 ok") + b"\r\n")
            if word == "QUIT":
                break
        writer.close()
