"""Logs that never say where, who or with which secret.

Every event passes a step that lets only known harmless fields through: a field nobody thought of is dropped, not shown.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

HARMLESS: Final = frozenset(
    {
        "event", "level", "timestamp", "exception", "port", "audience", "channel", "count", "records", "replayed", "seconds", "late_s",
        "protocol", "status", "kind", "reason", "version", "policy", "error", "number",
    }
)  # fmt: skip
"""Names of fields that may be logged. ``error`` is the class of an exception, never its text."""


def only_harmless(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not known to be harmless."""
    return {name: value for name, value in event.items() if name in HARMLESS}


def without_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and its place in the code: its text may quote what came in."""
    error = event.pop("exc_info", None)
    if error:
        found = error if isinstance(error, BaseException) else sys.exc_info()[1]
        event["error"] = type(found).__name__
        event["exception"] = _places(found)
    return event


def _places(error: BaseException | None) -> str:
    places = []
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places)


def configure(level: str) -> None:
    """Send logs to standard error, one line each, as JSON unless a person is looking."""
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_values,
            only_harmless,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries' own loggers may quote requests: only their warnings pass, as a count of nothing more than a name.
    logging.basicConfig(level=logging.ERROR, handlers=[Names()], force=True)


class Names(logging.Handler):
    """Passes on that a library complained, without what it said."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the library's name."""
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().error("library", kind=record.name, exc_info=error)
