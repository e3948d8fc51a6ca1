"""From where a request came, as the ledger says it: set once where a request comes in, and found again where its line is written.

It goes with the request through tasks and threads (a context variable), so that no act can be written down without it because
somebody forgot to hand it on. What the server does by itself came from nowhere.
"""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from functools import lru_cache
from typing import Final

import msgspec

from jikimi.disclosure.ledger.leaf import Act, Client, Network, Personal

Net = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_KNOWN: Final = 4_096


class Whence(msgspec.Struct, frozen=True):
    """From where: the kind of network, and the address where it is kept."""

    network: Network
    address: str | None = None


class Networks(msgspec.Struct, frozen=True):
    """Which networks are whose.

    Attributes:
        office: the offices' own.
        vpn: those that members of staff come through from elsewhere.
        keeps_addresses: whether the ledger keeps the address as well, as a commitment.
    """

    office: tuple[Net, ...] = ()
    vpn: tuple[Net, ...] = ()
    keeps_addresses: bool = False


_here: ContextVar[Whence | None] = ContextVar("whence", default=None)


def came(whence: Whence) -> None:
    """Say from where the request came that is served from here on."""
    _here.set(whence)


def told(act: Act) -> Act:
    """Return an act of a person with where the request came from. What a program or a command line does says so by itself."""
    whence = _here.get()
    if whence is None or act.client not in {Client.BROWSER, Client.APP} or act.network is not Network.UNKNOWN:
        return act
    address = None if whence.address is None or act.who is None else Personal(act.who.subject, whence.address)
    return msgspec.structs.replace(act, network=whence.network, address=address)


@lru_cache(maxsize=MOST_KNOWN)
def whence_of(host: str | None, networks: Networks) -> Whence:
    """Return from where a request of this address came; None: nobody knows."""
    try:
        address = ipaddress.ip_address((host or "").partition("%")[0])
    except ValueError:
        return Whence(Network.UNKNOWN)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = address if mapped is None else mapped
    return Whence(_network(address, networks), str(address) if networks.keeps_addresses else None)


def _network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Networks) -> Network:
    if any(address in net for net in networks.office):
        return Network.OFFICE
    if any(address in net for net in networks.vpn):
        return Network.VPN
    if address.is_loopback:
        return Network.LOOPBACK
    return Network.PUBLIC if address.is_global else Network.UNKNOWN


def nets(names: tuple[str, ...]) -> tuple[Net, ...]:
    """Return networks from their names, such as ``10.20.0.0/16``.

    Raises:
        ValueError: one is none.
    """
    return tuple(ipaddress.ip_network(name) for name in names)
