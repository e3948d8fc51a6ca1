"""A message centre (SMSC) that speaks SMPP 3.4 on a loopback socket. Written from the specification, apart from our own code.

It checks what it is sent as a real centre does, keeps each text as a phone would join it, and does as told: throttles, loses lines,
stays silent, sends receipts.
"""

import asyncio
import contextlib
import struct
from dataclasses import dataclass, field

OK, INVMSGLEN, INVCMDID, INVBNDSTS, INVDSTADR, INVPASWD, THROTTLED = 0, 0x01, 0x03, 0x04, 0x0B, 0x0E, 0x58
BIND, BIND_RESP, SUBMIT, SUBMIT_RESP = 0x09, 0x80000009, 0x04, 0x80000004
DELIVER, DELIVER_RESP, UNBIND, UNBIND_RESP = 0x05, 0x80000005, 0x06, 0x80000006
ENQUIRE, ENQUIRE_RESP, NACK = 0x15, 0x80000015, 0x80000000


@dataclass
class Text:
    """One part as it came."""

    source: str
    target: str
    ton: int
    esm_class: int
    protocol_id: int
    priority: int
    validity: str
    registered: int
    coding: int
    octets: bytes
    message_id: str


@dataclass
class Smsc:
    password: str = "secret"
    statuses: list = field(default_factory=list)
    silent: bool = False
    drop_on_submit: bool = False
    texts: list = field(default_factory=list)
    binds: int = 0
    enquiries: int = 0
    unbinds: int = 0
    acknowledged: int = 0
    writers: list = field(default_factory=list)
    tasks: set = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.lose_lines()
            await asyncio.gather(*self.tasks, return_exceptions=True)
            await server.wait_closed()

    def lose_lines(self):
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def phone(self):
        """What a phone shows: parts joined by their header, in order."""
        shown, parts = [], {}
        for text in self.texts:
            coding = "utf-16-be" if text.coding == 8 else "ascii"
            if not text.esm_class & 0x40:
                shown.append(text.octets.decode(coding))
                continue
            length, element, size, reference, total, number = text.octets[:6]
            assert (length, element, size) == (5, 0, 3)
            row = parts.setdefault((text.target, reference), {})
            row[number] = text.octets[6:].decode(coding)
            if len(row) == total:
                shown.append("".join(row[n] for n in range(1, total + 1)))
        return shown

    def send(self, command, body=b"", sequence=900):
        for writer in self.writers:
            writer.write(struct.pack(">IIII", 16 + len(body), command, 0, sequence) + body)

    def receipt(self, message_id, stat, *, as_tlv=False):
        text = f"id:{message_id} sub:001 dlvrd:001 submit date:2611240300 done date:2611240301 stat:{stat} err:000 text:".encode()
        tail = b""
        if as_tlv:
            text = b"any text"
            state = {"DELIVRD": 2, "UNDELIV": 5}[stat]
            tail = struct.pack(">HH", 0x1E, len(message_id) + 1) + message_id.encode() + b"\0" + struct.pack(">HHB", 0x427, 1, state)
        self.send(DELIVER, b"\0\1\1821012345678\0\1\1JIKIMI\0\4\0\0\0\0\0\0\0\0" + bytes([len(text)]) + text + tail)

    async def _serve(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        self.writers.append(writer)
        bound = False
        with contextlib.suppress(EOFError, OSError):
            while True:
                head = await reader.readexactly(16)
                length, command, status, sequence = struct.unpack(">IIII", head)
                body = await reader.readexactly(length - 16)
                if self.silent:
                    continue
                answer = self._answer(command, body, bound)
                if answer is None:
                    break
                response, status, content = answer
                if response:
                    writer.write(struct.pack(">IIII", 16 + len(content), response, status, sequence) + content)
                bound = bound or (response == BIND_RESP and status == OK)
                if response == UNBIND_RESP:
                    break
        writer.close()

    def _answer(self, command, body, bound):
        if command == BIND:
            return self._bind(body)
        if command == ENQUIRE:
            self.enquiries += 1
            return ENQUIRE_RESP, OK, b""
        if command == DELIVER_RESP:
            self.acknowledged += 1
            return 0, OK, b""
        if command == UNBIND:
            self.unbinds += 1
            return UNBIND_RESP, OK, b""
        if command == SUBMIT:
            return self._submit(body) if bound else (SUBMIT_RESP, INVBNDSTS, b"")
        return (0, OK, b"") if command & 0x80000000 else (NACK, INVCMDID, b"")

    def _bind(self, body):
        _system_id, password, _system_type, rest = body.split(b"\0", 3)
        assert rest[:3] == b"\x34\0\0"
        assert rest[3:] == b"\0"
        self.binds += 1
        return BIND_RESP, OK if password.decode() == self.password else INVPASWD, b"SMSC\0"

    def _submit(self, body):
        if self.drop_on_submit:
            return None
        if self.statuses and (status := self.statuses.pop(0)) != OK:
            return SUBMIT_RESP, status, b""
        service, rest = body.split(b"\0", 1)
        assert service == b""
        source, rest = rest[2:].split(b"\0", 1)
        ton = rest[0]
        target, rest = rest[2:].split(b"\0", 1)
        esm_class, protocol_id, priority = rest[:3]
        schedule, validity, rest = rest[3:].split(b"\0", 2)
        assert schedule == b""
        registered, _replace, coding, _default, length = rest[:5]
        octets = rest[5:]
        if length != len(octets) or length > 140 + 20 * (coding == 0):
            return SUBMIT_RESP, INVMSGLEN, b""
        if not target.isdigit():
            return SUBMIT_RESP, INVDSTADR, b""
        message_id = f"m{len(self.texts):04}"
        given = (source.decode(), target.decode(), ton, esm_class, protocol_id, priority, validity.decode(), registered, coding, octets)
        self.texts.append(Text(*given, message_id))
        return SUBMIT_RESP, OK, message_id.encode() + b"\0"
