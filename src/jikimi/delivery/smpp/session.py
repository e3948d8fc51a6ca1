"""One bound connection to a message centre: requests out, answers matched, the centre's own requests answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import msgspec

from jikimi.delivery.smpp.pdu import (
    HEADER,
    MOST_BYTES,
    OK,
    RESPONSE,
    BadPduError,
    Command,
    Delivered,
    Pdu,
    bind_body,
    decode,
    delivered,
    encode,
)

_SEQUENCES: Final = 0x7FFFFFFF


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """A message centre (SMSC) and how to bind to it. Run it through a tunnel or TLS proxy: SMPP itself hides nothing.

    Attributes:
        host, port: where.
        system_id, password: ours there.
        source: the number or name that texts come from.
        enquire_s: how often to ask whether it still is there; no answer within ``answer_s`` ends the connection.
        answer_s: the longest wait for an answer.
    """

    host: str
    port: int
    system_id: str
    password: str
    source: str
    enquire_s: float = 10.0
    answer_s: float = 3.0


class LineLostError(Exception):
    """The connection ended, or an answer did not come in time."""


class BindRefusedError(Exception):
    """The centre does not let us in; ``args`` holds its status."""


class Session:
    """A bound connection. ``on_delivered`` gets each receipt."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, centre: Centre, on_delivered: Callable[[Delivered], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._centre = centre
        self._on_delivered = on_delivered
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._tasks = [asyncio.create_task(self._read())]
        self.is_open = True

    @classmethod
    async def bound(cls, centre: Centre, on_delivered: Callable[[Delivered], None]) -> Session:
        """Connect and bind.

        Raises:
            OSError: nobody listens there.
            LineLostError: no answer.
            BindRefusedError: the centre refuses us.
        """
        async with asyncio.timeout(centre.answer_s):
            reader, writer = await asyncio.open_connection(centre.host, centre.port)
        session = cls(reader, writer, centre, on_delivered)
        try:
            await session._bind()
        except BaseException:
            await session.close()
            raise
        session._tasks.append(asyncio.create_task(session._enquire()))
        return session

    async def _bind(self) -> None:
        answer = await self.ask(Command.BIND_TRANSCEIVER, bind_body(self._centre.system_id, self._centre.password))
        if answer.status != OK:
            raise BindRefusedError(answer.status)

    async def ask(self, command: Command, body: bytes = b"") -> Pdu:
        """Send a request and wait for its answer.

        Raises:
            LineLostError: none came.
        """
        if not self.is_open:
            raise LineLostError
        self._sequence = self._sequence % _SEQUENCES + 1
        sequence = self._sequence
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = future
        self._writer.write(encode(command, sequence, body))
        try:
            async with asyncio.timeout(self._centre.answer_s):
                return await future
        except TimeoutError:
            raise LineLostError from None
        finally:
            self._waiting.pop(sequence, None)

    async def unbind(self) -> None:
        """Take leave (4.2) and close."""
        with contextlib.suppress(LineLostError):
            await self.ask(Command.UNBIND)
        await self.close()

    async def close(self) -> None:
        """Close without a word."""
        self._lose()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> None:
        with contextlib.suppress(OSError, EOFError, BadPduError):
            while True:
                head = await self._reader.readexactly(HEADER.size)
                length = HEADER.unpack(head)[0]
                if not HEADER.size <= length <= MOST_BYTES:
                    break
                self._take(decode(head + await self._reader.readexactly(length - HEADER.size)))
        self._lose()

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            future = self._waiting.get(pdu.sequence)
            if future is not None and not future.done():
                future.set_result(pdu)
        elif pdu.command == Command.DELIVER_SM:
            self._writer.write(encode(pdu.command | RESPONSE, pdu.sequence, b"\x00"))
            self._on_delivered(delivered(pdu.body))
        elif pdu.command in {Command.ENQUIRE_LINK, Command.UNBIND}:
            self._writer.write(encode(pdu.command | RESPONSE, pdu.sequence))
            if pdu.command == Command.UNBIND:
                self._lose()
        else:
            self._writer.write(encode(Command.NACK, pdu.sequence, status=0x03))  # ESME_RINVCMDID

    async def _enquire(self) -> None:
        with contextlib.suppress(LineLostError):
            while True:
                await asyncio.sleep(self._centre.enquire_s)
                await self.ask(Command.ENQUIRE_LINK)
        self._lose()

    def _lose(self) -> None:
        if not self.is_open:
            return
        self.is_open = False
        self._writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(LineLostError())
