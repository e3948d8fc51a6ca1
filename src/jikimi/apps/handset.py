"""The protected person's devices: the browser itself, and apps that report in the background.

A device's kind of sender stands in its id (``owntracks-…``): a new one of the same kind replaces the one before.
"""

from __future__ import annotations

import asyncio
import base64
import io
import secrets
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import quote, urlencode

import msgspec
import segno

from jikimi.apps.register import Register
from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind

BROWSER: Final = "app"
KNOWN_S: Final = 10.0

Protocol = Literal["owntracks", "traccar", "overland"]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What an app needs in order to report. ``steps`` are keys of texts, in order; ``qr_svg`` is what its camera may read."""

    protocol: str
    device_id: str
    secret: str
    url: str
    setup_url: str
    qr_svg: str
    steps: tuple[str, ...]


class Handsets:
    """Finds and makes devices of protected persons.

    Args:
        register: where devices are entered.
        device_url: how the devices' door is reached from outside, without a trailing slash.
        changed: called after a device was entered or revoked.
        clock_s: an even clock, for how long the register's answer is believed.
    """

    def __init__(self, register: Register, device_url: str, changed: Callable[[], None], clock_s: Callable[[], float]) -> None:
        self._register = register
        self._url = device_url.rstrip("/")
        self._changed = changed
        self._clock_s = clock_s
        self._by_person: dict[str, list[Device]] = {}
        self._read_s: float | None = None
        self._making = asyncio.Lock()

    async def of(self, person_id: str) -> list[Device]:
        """Return a person's handsets that are believed, background apps first."""
        await self._look()
        found = self._by_person.get(person_id, [])
        return sorted(found, key=lambda device: device.device_id.startswith(f"{BROWSER}-"))

    async def browser(self, person_id: str) -> Device:
        """Return the device that stands for a person's browser; it is made when first needed."""
        found = self._browser(person_id)
        if found is not None:
            return found
        async with self._making:
            await self._look()
            found = self._browser(person_id)
            if found is None:
                # Nobody knows this secret: the browser proves itself by its session.
                found = await self._make(BROWSER, person_id, new_secret()[1])
            return found

    async def set_up(self, protocol: Protocol, person_id: str) -> Setup:
        """Make a device for a background app, revoke the earlier one of that app, and say how to set it up."""
        secret, digest = new_secret()
        async with self._making:
            self._read_s = None
            await self._look()
            earlier = [device for device in self._by_person.get(person_id, ()) if device.device_id.startswith(f"{protocol}-")]
            device = await self._make(protocol, person_id, digest)
            for old in earlier:
                await asyncio.to_thread(self._register.revoke_device, old.device_id)
                self._by_person[person_id].remove(old)
        self._changed()
        return setup(protocol, device.device_id, secret, self._url)

    def _browser(self, person_id: str) -> Device | None:
        devices = self._by_person.get(person_id, ())
        return next((device for device in devices if device.device_id.startswith(f"{BROWSER}-")), None)

    async def _make(self, kind: str, person_id: str, digest: bytes) -> Device:
        device_id = f"{kind}-{secrets.token_hex(8)}"
        device = Device(device_id=device_id, kind=DeviceKind.HANDSET, person_id=person_id, secret_sha256=digest)
        await asyncio.to_thread(self._register.add_device, device)
        self._by_person.setdefault(person_id, []).append(device)
        self._changed()
        return device

    async def _look(self) -> None:
        """Ask the register, unless it was asked a moment ago."""
        now_s = self._clock_s()
        if self._read_s is not None and now_s - self._read_s < KNOWN_S:
            return
        self._read_s = now_s
        self._by_person = await asyncio.to_thread(self._read)

    def _read(self) -> dict[str, list[Device]]:
        found: dict[str, list[Device]] = {}
        for device in self._register.devices():
            if device.kind is DeviceKind.HANDSET and device.person_id is not None and not device.revoked:
                found.setdefault(device.person_id, []).append(device)
        return found


def setup(protocol: Protocol, device_id: str, secret: str, door: str) -> Setup:
    """Return how to set an app up.

    Args:
        protocol: which app.
        device_id: its device.
        secret: the device's secret.
        door: address of the devices' door.
    """
    url, setup_url, code = _SETUPS[protocol](device_id, secret, door)
    return Setup(
        protocol=protocol,
        device_id=device_id,
        secret=secret,
        url=url,
        setup_url=setup_url,
        qr_svg=_picture(code),
        steps=tuple(f"{protocol}_{step}" for step in ("install", "scan", "allow")),
    )


def _owntracks(device_id: str, secret: str, door: str) -> tuple[str, str, str]:
    """HTTP mode, reporting while moving (OwnTracks Booklet, "Remote configuration" and "JSON", ``_type=configuration``)."""
    url = f"{door}/owntracks"
    settings = {
        "_type": "configuration",
        "mode": 3,
        "url": url,
        "auth": True,
        "username": device_id,
        "password": secret,
        "deviceId": "phone",
        "tid": "me",
        "monitoring": 2,
        "locatorDisplacement": 0,
        "locatorInterval": 10,
        "moveModeLocatorInterval": 10,
        "ranging": False,
        # The answers ask for another interval now and then; see docs/sampling.md.
        "cmd": True,
        "remoteConfiguration": True,
    }
    inline = base64.b64encode(msgspec.json.encode(settings)).decode()
    link = f"owntracks:///config?inline={quote(inline, safe='')}"
    return url, link, link


def _traccar(device_id: str, secret: str, door: str) -> tuple[str, str, str]:
    """Traccar Client 9: its camera reads the server's address with the settings as query; a tap needs its own scheme."""
    url = f"{door}/osmand"
    settings = {
        "id": f"{device_id}.{secret}",
        "accuracy": "highest",
        "distance": 0,
        "interval": 10,
        "fastest_interval": 5,
        "heartbeat": 60,
        "buffer": "true",
        "stop_detection": "false",
    }
    link = f"org.traccar.client://config?{urlencode({'url': url, **settings, 'service': 'true'})}"
    return url, link, f"{url}?{urlencode(settings)}"


def _overland(device_id: str, secret: str, door: str) -> tuple[str, str, str]:
    """Overland for iOS (its README, "Configuration by Custom URL")."""
    url = f"{door}/overland"
    link = f"overland://setup?{urlencode({'url': url, 'token': f'{device_id}.{secret}', 'device_id': device_id})}"
    return url, link, link


_SETUPS: Final = {"owntracks": _owntracks, "traccar": _traccar, "overland": _overland}


def _picture(code: str) -> str:
    """Return a QR code as an SVG that stands by itself: without its name space no browser draws it as an image."""
    out = io.BytesIO()
    segno.make(code, error="m", micro=False).save(
        out, kind="svg", scale=4, border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False
    )
    return out.getvalue().decode()
