"""CAP 1.2 messages (OASIS Common Alerting Protocol, 1 July 2010), addressed to named agencies and to nobody else."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from jikimi.delivery.message import Message
from jikimi.delivery.times import cap_time

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"


class Origin(msgspec.Struct, frozen=True):
    """Who sends: an id no other sender has (a domain, say), and the name shown. Neither holds spaces, commas, ``<`` or ``&`` (3.2.1)."""

    sender: str
    sender_name: str


class Chain(msgspec.Struct, frozen=True):
    """The earlier messages of a topic that this one updates or cancels, as (key, time sent)."""

    earlier: tuple[tuple[str, int], ...] = ()


FIRST: Final = Chain()


def cap_alert(message: Message, origin: Origin, chain: Chain = FIRST, area: str = "see the live link") -> str:
    """Return the alert as XML.

    ``Alert`` first; ``Update`` or ``Cancel`` name all earlier ones of the topic in ``references`` (3.2.1). Scope is ``Private`` and
    names its receiver. ``area`` is words, no shape: positions go by the live link, through the gate.
    """
    root = ET.Element("alert", xmlns=NAMESPACE)
    kind = "Alert" if not chain.earlier else "Cancel" if message.ends else "Update"
    _add(root, "identifier", message.key)
    _add(root, "sender", origin.sender)
    _add(root, "sent", cap_time(message.sent_ms))
    _add(root, "status", "Exercise" if message.is_drill else "Actual")
    _add(root, "msgType", kind)
    _add(root, "scope", "Private")
    _add(root, "addresses", f'"{message.address}"')
    if message.is_drill:
        _add(root, "note", message.title)
    if chain.earlier:
        _add(root, "references", " ".join(f"{origin.sender},{key},{cap_time(at_ms)}" for key, at_ms in chain.earlier))
    _info(root, message, origin, area)
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _info(root: ET.Element, message: Message, origin: Origin, area: str) -> None:
    info = ET.SubElement(root, "info")
    _add(info, "language", message.language)
    _add(info, "category", "Safety")
    _add(info, "event", message.title)
    _add(info, "responseType", "AllClear" if message.ends else "Execute")
    _add(info, "urgency", "Past" if message.ends else "Immediate" if message.urgent else "Expected")
    _add(info, "severity", "Severe" if message.urgent else "Moderate")
    _add(info, "certainty", "Likely")
    _add(info, "expires", cap_time(message.until_ms))
    _add(info, "senderName", origin.sender_name)
    _add(info, "headline", message.title[:160])
    _add(info, "description", message.text)
    _add(ET.SubElement(info, "area"), "areaDesc", area)


def _add(parent: ET.Element, name: str, text: str) -> None:
    # XML 1.0 cannot hold most control characters, not even escaped.
    ET.SubElement(parent, name).text = "".join(c for c in text if c >= " " or c in "\n\t")
