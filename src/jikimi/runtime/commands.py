"""What the command line does. Answers go to standard output; whatever is wrong is one sentence on standard error."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from jikimi.basemap import install as maps
from jikimi.basemap.header import MapRefusedError, read_info
from jikimi.ingest.credentials import new_secret
from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols import decode_bytes
from jikimi.model.order import Device, DeviceKind, Order, Place
from jikimi.model.zone import Circle
from jikimi.orders.codes import new_code
from jikimi.orders.pairs import pairs_of
from jikimi.policy.defect import PolicyError
from jikimi.policy.resolve import order_doubts, pair_rules, track_rules
from jikimi.runtime import policies, recovery
from jikimi.runtime.ports import JournalFailedError
from jikimi.runtime.settings import Settings, SettingsError, load
from jikimi.runtime.stores import Stores
from jikimi.storage.database import RegisterRefusedError
from jikimi.storage.journal import JournalDamagedError
from jikimi.storage.keys import MasterKeyError

MENDABLE: Final = (MasterKeyError, RegisterRefusedError, JournalDamagedError, JournalFailedError, PolicyError, PermissionError)
"""Errors whose text is a sentence for whoever runs the server."""
DAY_MS: Final = 86_400_000
CODE_MS: Final = 7 * DAY_MS
PLACE_LABELS: Final = frozenset({"home", "work", "school", "shelter", "other"})


def fail(sentence: str) -> SystemExit:
    """Say what is wrong; to be raised."""
    sys.stderr.write(f"{sentence}\n")
    return SystemExit(1)


def say(text: str) -> None:
    """Print an answer, at once also into a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def settings(config: Path | None) -> Settings:
    """Read the settings, or end with what is wrong with them."""
    try:
        return load(config)
    except SettingsError as error:
        raise fail(str(error)) from error


def now_ms() -> int:
    """Return the wall clock's time."""
    return time.time_ns() // 1_000_000


def serve(config: Path | None) -> None:
    """Run the server until it is told to stop."""
    from jikimi.runtime.server import run  # noqa: PLC0415  the web framework is heavy, and only this command needs it

    found = settings(config)
    try:
        known = policies.load(found)
    except PolicyError as error:
        raise fail(str(error)) from error
    asyncio.run(run(found, known))


def device_add(config: Path | None, kind: str, person: str | None, device_id: str | None, behind: str | None, known_as: str | None) -> None:
    """Register a device and print its credential."""
    if (kind == DeviceKind.GATEWAY) != (person is None):
        raise fail("A tag or a handset is carried by a --person; a gateway by nobody.")
    if (behind is None) != (known_as is None):
        raise fail("--behind and --known-as belong together.")
    secret, digest = new_secret()
    made = Device(
        device_id=device_id or f"{kind}-{secrets.token_hex(4)}",
        kind=DeviceKind(kind),
        person_id=person,
        secret_sha256=digest,
        sealing_key=secret.encode(),
        gateway_id=behind,
        gateway_name=known_as,
    )
    register = Stores(settings(config)).register()
    if person is not None and register.label(person) is None:
        register.add_person(person, person)
    register.add_device(made)
    say(f"device      {made.device_id}")
    say(f"credential  {made.device_id}.{secret}")
    say("The credential is shown only now. docs/protocols.md says where each app or tracker wants it.")


def device_revoke(config: Path | None, device_id: str) -> None:
    """Believe a device no longer."""
    register = Stores(settings(config)).register()
    if all(device.device_id != device_id for device in register.devices()):
        raise fail("There is no device of that name.")
    register.revoke_device(device_id)
    say("Revoked. A running server refuses it within a second.")


def order_add(
    config: Path | None,
    policy_id: str,
    monitored: str,
    protected: Sequence[str],
    basis: str,
    days: float,
    distance_m: float | None,
    alert_m: float | None,
    places: Sequence[str],
    *,
    tagged: bool,
) -> None:
    """Enter an order and print pairing codes."""
    found = settings(config)
    policy = policies.load(found).get(policy_id)
    if policy is None:
        raise fail(f"There is no policy {policy_id}; known are {', '.join(sorted(policies.load(found)))}.")
    if monitored in protected:
        raise fail("Nobody can be protected from himself: --monitored and --protected name the same person.")
    begin = now_ms()
    order = Order(
        order_id=f"order-{secrets.token_hex(4)}",
        policy_id=policy_id,
        monitored_id=monitored,
        protected_ids=tuple(protected),
        places=tuple(place(text, number) for number, text in enumerate(places, start=1)),
        distance_m=distance_m,
        alert_m=alert_m,
        from_ms=begin,
        until_ms=begin + round(days * DAY_MS),
        legal_basis=basis,
        tagged=tagged,
    )
    try:
        pairs_of(order, policy, pair_rules)
    except ValueError as error:
        raise fail(str(error)) from error
    _enter(Stores(found), order)
    for doubt in order_doubts(policy, order):
        say(f"Please check: {doubt}")
    say(f"order       {order.order_id}")


def _enter(stores: Stores, order: Order) -> None:
    register = stores.register()
    for person in (order.monitored_id, *order.protected_ids):
        if register.label(person) is None:
            register.add_person(person, person)
    register.add_order(order)
    for person in order.protected_ids:
        code = new_code()
        register.add_invitation(code, "protected", person, now_ms() + CODE_MS)
        say(f"pairing     {code}   for {person}, once, within 7 days")


def place(text: str, number: int) -> Place:
    """Read KIND:LATITUDE,LONGITUDE,RADIUS."""
    label, _, numbers = text.partition(":")
    try:
        latitude, longitude, radius_m = (float(part) for part in numbers.split(","))
    except ValueError as error:
        raise fail("A place is written as KIND:LATITUDE,LONGITUDE,RADIUS, for example home:37.57,126.98,100.") from error
    if label not in PLACE_LABELS or not -90 <= latitude <= 90 or not -180 <= longitude <= 180 or not 0 <= radius_m <= 50_000:
        raise fail(f"A place's kind is one of {', '.join(sorted(PLACE_LABELS))}, its centre a point on Earth, its radius 0 to 50,000 m.")
    return Place(f"place-{number}", label, Circle(latitude, longitude, radius_m))


def order_end(config: Path | None, order_id: str) -> None:
    """End an order now."""
    register = Stores(settings(config)).register()
    if all(order.order_id != order_id for order in register.orders()):
        raise fail("There is no order of that name.")
    register.end_order(order_id, now_ms())
    say("Ended. A running server stops watching it, and closes its views, within a second.")


def desk_invite(config: Path | None, name: str) -> None:
    """Print a pairing code for an operator."""
    code = new_code()
    Stores(settings(config)).register().add_invitation(code, "desk", name, now_ms() + CODE_MS)
    say(f"pairing     {code}   for {name}, once, within 7 days")


def replay(config: Path | None, case: str | None) -> None:
    """Replay the journal, or the pairs of one case."""
    found = settings(config)
    rules = track_rules(next(iter(policies.load(found).values())))
    journal = Stores(found).reading()
    pairs: Sequence[str | None] = recovery.pairs_of_case(journal, case) if case is not None else [None]
    if not pairs:
        raise fail("The journal knows no order and no pair of that name.")
    results = [(pair_id, recovery.replay(journal, rules, pair_id)) for pair_id in pairs]
    for pair_id, result in results:
        name = f"pair {pair_id}" if pair_id is not None else "the whole journal"
        verdict = "byte-equal" if result.difference is None else "the first difference:"
        say(f"{name}: {result.fixes} fixes, {result.transitions} transitions, {verdict}")
        if result.difference is not None:
            say(msgspec.json.format(msgspec.json.encode(result.difference)).decode())
    if any(result.difference is not None for _, result in results):
        raise SystemExit(1)


def decode(protocol: str, query: str, content_type: str | None, key: str | None) -> None:
    """Decode standard input."""
    try:
        decoded = decode_bytes(
            protocol,
            b"" if query and sys.stdin.isatty() else sys.stdin.buffer.read(),
            content_type=content_type,
            query=query.encode(),
            key=key.encode() if key is not None else None,
        )
    except DecodeError as error:
        raise fail(str(error)) from error
    for fix in decoded.fixes:
        say(msgspec.json.encode({"fix": msgspec.structs.asdict(fix)}).decode())
    for event in decoded.events:
        say(msgspec.json.encode({"event": msgspec.structs.asdict(event)}).decode())
    for refused in decoded.refused:
        sys.stderr.write(f"item {refused.index}: {refused.reason}\n")


def basemap_build(config: Path | None) -> None:
    """Build the demonstration's map."""
    from jikimi.basemap.build import BuildError, build  # noqa: PLC0415  needs the extra `build`

    target = Stores(settings(config)).basemap
    try:
        build(target)
    except BuildError as error:
        raise fail(str(error)) from error
    say("\n".join(maps.lines(read_info(target))))


def basemap_install(config: Path | None, file: Path) -> None:
    """Install a map of one's own."""
    try:
        info = maps.install(file, Stores(settings(config)).basemap)
    except (MapRefusedError, OSError) as error:
        raise fail(str(error)) from error
    say("\n".join(maps.lines(info)))


def basemap_info(config: Path | None) -> None:
    """Say what the installed map holds."""
    try:
        say("\n".join(maps.lines(read_info(Stores(settings(config)).basemap))))
    except FileNotFoundError as error:
        raise fail("No base map is installed: run `jikimi basemap build`, or install one with `jikimi basemap install FILE`.") from error
    except MapRefusedError as error:
        raise fail(str(error)) from error
