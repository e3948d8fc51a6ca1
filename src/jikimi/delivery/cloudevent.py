"""A message as a CloudEvent, version 1.0, JSON format (structured mode)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jikimi.delivery.message import Message
from jikimi.delivery.times import iso_utc

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


def cloud_event(message: Message, source: str, attached: Mapping[str, Any] = MappingProxyType({})) -> bytes:
    """Return the event's JSON.

    Args:
        message: what is told; ``key`` is the event's id, so a receiver keeps one of each.
        source: URI reference that names this deployment.
        attached: what else the receiver gets: the state of the incident, and a CAP message as XML.
    """
    data: dict[str, object] = {
        "topic": message.topic,
        "incident": message.topic.partition(" ")[0],
        "title": message.title,
        "text": message.text,
        "language": message.language,
        "urgent": message.urgent,
        "expires": iso_utc(message.until_ms),
        "drill": message.is_drill,
        "ends": message.ends,
        **attached,
    }
    return _event(message, source, "jikimi.notice.drill" if message.is_drill else "jikimi.notice", data)


def decision_event(message: Message, source: str) -> bytes:
    """Return the JSON of the notice of a court's decision: another type than an alarm's, so that nobody takes it for one."""
    words = {"key": message.key, "title": message.title, "text": message.text, "language": message.language}
    more = {"expires": iso_utc(message.until_ms), "ends": message.ends, **(message.details or {})}
    return _event(message, source, "jikimi.decision", {**words, **more})


def _event(message: Message, source: str, kind: str, data: Mapping[str, object]) -> bytes:
    event = {
        "specversion": "1.0",
        "id": message.key,
        "source": source,
        "type": kind,
        "time": iso_utc(message.sent_ms),
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
