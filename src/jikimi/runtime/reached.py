"""Whom an alarm would not reach: found before the night in which it rings, from channels that are set up and addresses that are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from jikimi.delivery.rules import DeliveryRules
from jikimi.delivery.setup import DeliverySettings
from jikimi.delivery.sms_gateway import GATEWAY
from jikimi.delivery.voice import BRIDGE
from jikimi.incidents.work import SUPERVISOR
from jikimi.model.responders import Otherwise, Responders, Route

OPERATOR: Final = "operator"
Known = Mapping[str, Collection[str]]
"""The channels for which somebody has an address, by his name."""


def channels(delivery: DeliverySettings) -> frozenset[str]:
    """Return the names of the channels that are set up, beside open pages and webhooks."""
    posts = delivery.endpoints.get
    has = {"web_push": delivery.push, "sms": delivery.smpp, "sms_http": posts(GATEWAY), "voice": posts(BRIDGE), "email": delivery.mail}
    return frozenset(name for name, one in has.items() if one is not None)


def called_on(table: Responders) -> tuple[str, ...]:
    """Return who is asked or told under a policy, beside operators."""
    ways: tuple[Route | Otherwise, ...] = (*table.routes, table.otherwise)
    names = [SUPERVISOR, *(name for one in ways for name in (one.protected, one.monitored)), *(rung.to for rung in table.ladder)]
    return tuple(dict.fromkeys(name for name in names if name != OPERATOR))


def unreached(delivery: DeliverySettings, rules: DeliveryRules, tables: Iterable[Responders], known: Known) -> Iterator[str]:
    """Yield a sentence for each agency, and for the supervisor, whom no channel leads to."""
    ways = channels(delivery) & set(rules.ladders.alarm)
    for name in dict.fromkeys(name for table in tables for name in called_on(table)):
        if name not in delivery.agencies() and not ways & set(known.get(name, ())):
            yield (
                f"alarms to {name} show on the desk's screens alone, and to nobody where none is open: give them an address "
                f"(`jikimi address set {name} sms`) or an endpoint ([delivery.endpoints.{name}])."
            )


def short(delivery: DeliverySettings, rules: DeliveryRules, known: Known) -> Iterator[str]:
    """Yield a sentence where protected persons can be told of danger by fewer ways than the rules ask for. It names nobody."""
    ways = channels(delivery) & set(rules.ladders.alarm)
    few = sum(1 + len(ways & set(own)) < rules.danger_channels for own in known.values())
    if few:
        least = rules.danger_channels
        yield f"{few} of {len(known)} protected persons can be told of danger by fewer than {least} ways, an open page among them."
