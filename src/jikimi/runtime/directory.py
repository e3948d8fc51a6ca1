"""Which devices exist, in memory."""

from __future__ import annotations

from collections.abc import Iterable

from jikimi.model.order import Device


class MemoryDirectory:
    """Devices by id, and by the gateway that speaks for them."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._behind: dict[tuple[str, str], Device] = {}

    def set(self, devices: Iterable[Device]) -> None:
        """Know exactly these devices from now on."""
        self._devices = {device.device_id: device for device in devices}
        self._behind = {
            (device.gateway_id, device.gateway_name): device
            for device in self._devices.values()
            if device.gateway_id is not None and device.gateway_name is not None
        }

    def find(self, device_id: str) -> Device | None:
        """Return a device by its id."""
        return self._devices.get(device_id)

    def behind(self, gateway_id: str, name: str) -> Device | None:
        """Return the device that a gateway knows by this name."""
        return self._behind.get((gateway_id, name))
