"""What the door needs of the rest, kept in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping

from jikimi.apps.device import DeviceApp, Limits
from jikimi.ingest.credentials import digest
from jikimi.ingest.ports import Decoded, IntakeFailedError, Receipt
from jikimi.model.order import Device, DeviceKind

NOW_MS = 1_795_000_000_000
SECRET = "s3cret-of-the-tag_0123456789abcdefghijklmnop"


class FakeDirectory:
    def __init__(self, *devices: Device) -> None:
        self.devices = {device.device_id: device for device in devices}

    def find(self, device_id: str) -> Device | None:
        return self.devices.get(device_id)

    def behind(self, gateway_id: str, name: str) -> Device | None:
        found = (device for device in self.devices.values() if (device.gateway_id, device.gateway_name) == (gateway_id, name))
        return next(found, None)


class FakeIntake:
    """Takes everything; ``hold`` keeps the journal from committing, ``fail`` makes it fail."""

    def __init__(self) -> None:
        self.offered: list[tuple[str, Decoded]] = []
        self.alarms: list[tuple[str, str | None, str]] = []
        self.is_busy = False
        self.fail = False
        self.interval_s: float | None = None
        self.hold: asyncio.Event | None = None
        self._seen: set[tuple[str, str]] = set()

    def offer(self, device: Device, decoded: Decoded) -> Awaitable[Receipt]:
        return self._offer(device, decoded)

    async def _offer(self, device: Device, decoded: Decoded) -> Receipt:
        if self.hold is not None:
            await self.hold.wait()
        if self.fail:
            raise IntakeFailedError
        self.offered.append((device.device_id, decoded))
        names = [fix.fix_id for fix in decoded.fixes] + [event.event_id for event in decoded.events]
        keys = [(device.device_id, name) for name in names]
        new = [key for key in keys if key not in self._seen]
        self._seen.update(new)
        return Receipt(accepted=len(new), repeated=len(keys) - len(new), interval_s=self.interval_s)

    def security(self, kind: str, device_id: str | None, protocol: str) -> None:
        self.alarms.append((kind, device_id, protocol))

    def busy(self) -> bool:
        return self.is_busy


class Answer:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> object:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return json.loads(self.body)["error"]


class Door:
    """The app with its fakes, called without a socket."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now_ms = NOW_MS
        self.directory = FakeDirectory(*DEVICES)
        self.intake = FakeIntake()
        self.app = DeviceApp(self.directory, self.intake, lambda: self.now_ms, limits=limits)
        self.reads = 0

    async def call(
        self,
        method: str,
        path: str,
        body: bytes | list[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        *,
        query: bytes = b"",
    ) -> Answer:
        chunks = [body] if isinstance(body, bytes) else list(body)
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        }
        sent: list[dict[str, object]] = []

        async def receive() -> dict[str, object]:
            self.reads += 1
            if not chunks:
                return {"type": "http.disconnect"}
            chunk = chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, end = sent
        return Answer(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, end["body"])

    def post(self, path: str, body: bytes | list[bytes], headers: Mapping[str, str] | None = None) -> Answer:
        return asyncio.run(self.call("POST", path, body, headers))

    def get(self, path: str, query: bytes = b"") -> Answer:
        return asyncio.run(self.call("GET", path, query=query))


def device(device_id: str, **changes: object) -> Device:
    values = {"kind": DeviceKind.TAG, "person_id": "p1", "secret_sha256": digest(SECRET), "sealing_key": SECRET.encode()}
    return Device(device_id=device_id, **(values | changes))


DEVICES = (
    device("tag-1"),
    device("tag-2"),
    device("no.key.here", sealing_key=None),
    device("gone", revoked=True),
    device("gw", kind=DeviceKind.GATEWAY, person_id=None),
    device("hw-1", gateway_id="gw", gateway_name="350000000000001"),
    device("hw-2", gateway_id="gw", gateway_name="350000000000002", revoked=True),
)
