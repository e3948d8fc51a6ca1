"""A server's folder with a life in it, made without a server: orders, devices, incidents, a journal, a checkpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from jikimi.disclosure.copying import Copy
from jikimi.disclosure.copying import Status as CopyStatus
from jikimi.incidents.incident import Entry, Harm, Incident, Kind, Party
from jikimi.incidents.status import Status
from jikimi.model.fix import Fix, Source
from jikimi.model.notice import Notice, Side, Urgency
from jikimi.model.order import Device, DeviceKind, Place
from jikimi.model.record import Decided, Fixes, Forget, PairEnd, PairPut, Record, TrackRulesPut, encode
from jikimi.model.register import Act, CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.model.zone import Circle
from jikimi.orders.pairs import pairs_of
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.policy.resolve import pair_rules, track_rules
from jikimi.runtime import recovery
from jikimi.runtime.mind import Mind
from jikimi.runtime.response import JOURNAL
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.incidents import SqlIncidents

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
HOME: Final = (37.5512345, 126.9812345)


class Household:
    """One folder; ``now_ms`` is the story's time, and each order ``o1``, ``o2`` ... binds ``him-1`` and protects ``her-1``."""

    def __init__(self, folder: Path, now_ms: int, orders: int = 1) -> None:
        self.settings = Settings(data_dir=str(folder), log_level="critical")
        self.stores = Stores(self.settings)
        self.now_ms = now_ms
        self.register = self.stores.register()
        self.clerk = self.stores.clerk(self.register, tables())
        self.orders = [self._enter(number) for number in range(1, orders + 1)]
        self._mind = Mind(track_rules(presets()["kr"]))

    def _enter(self, number: int) -> CourtOrder:
        span = {"from_ms": self.now_ms - 3 * DAY_MS, "until_ms": self.now_ms + 30 * DAY_MS}
        order = CourtOrder(
            order_id=f"o{number}",
            policy_id="kr",
            basis_id="kr-provisional",
            legal_basis="test",
            owner="officer",
            monitored_ids=(f"him-{number}",),
            protected=(Protected(person_id=f"her-{number}", standing=Standing.VICTIM),),
            places=(Place("home", "home", Circle(*HOME, 100.0)),),
            measures=(
                Measure(measure_id="away", kind=MeasureKind.NO_APPROACH, **span),
                Measure(measure_id="tag", kind=MeasureKind.MONITORING, **span),
            ),
            decided_ms=self.now_ms - 3 * DAY_MS,
        )
        persons = (f"him-{number}", f"her-{number}")
        entered = self.clerk.enter(
            order, now_ms=self.now_ms - 3 * DAY_MS, by="officer", labels={name: f"label of {name}" for name in persons}
        )
        for name, kind in zip(persons, (DeviceKind.TAG, DeviceKind.HANDSET), strict=True):
            self.register.add_device(
                Device(device_id=f"device-{name}", kind=kind, person_id=name, secret_sha256=b"s" * 32, sealing_key=b"secret of the device")
            )
        SqlAddresses(self.register.engine).put(persons[1], "sms", "+820000000")
        return entered.order

    def live(self, fixes: int = 6, step_ms: int = MINUTE_MS, *, near: bool = True) -> None:
        """Let everybody report so often until now, one step apart; where he is near, an incident is resolved afterwards."""
        records: list[Record] = []
        begin = self.now_ms - fixes * step_ms
        for order in self.orders:
            records += self._pairs(order, begin)
        for number in range(fixes):
            for order in self.orders:
                for name in (order.monitored_ids[0], order.protected[0].person_id):
                    away = 0.0 if near or name.startswith("her") else 0.2
                    records += self._fix(name, number, begin + number * step_ms, HOME[0] + away, HOME[1] + 1e-7 * number)
        self.write(records)
        for order in self.orders:
            self._incident(order)
            self._copy(order)

    def write(self, records: Sequence[Record]) -> None:
        """Put records into the journal, and the state after them beside it; the incidents have taken them in."""

        async def story() -> None:
            journal = self.stores.journal()
            rules = TrackRulesPut(self.now_ms - 4 * DAY_MS, track_rules(presets()["kr"]))
            number = await journal.append([encode(one) for one in ([rules, *records] if journal.last() == 0 else records)])
            await journal.save_checkpoint(number, recovery.dump(self._mind))
            journal.close()
            SqlIncidents(self.register.engine).keep_cursor(JOURNAL, number)

        asyncio.run(story())

    def turned(self) -> int:
        """Close the journal's segment, as a server does before an erasure; return its last number."""

        async def story() -> int:
            journal = self.stores.journal()
            number = await journal.turn()
            journal.close()
            return number

        return asyncio.run(story())

    def _pairs(self, order: CourtOrder, at_ms: int) -> list[Record]:
        records: list[Record] = []
        for told in (one for one in self.register.orders() if one.order_id == order.order_id):
            for pair in pairs_of(told, presets()["kr"], pair_rules):
                out = self._mind.put(at_ms, pair)
                records += [PairPut(at_ms, pair), *(Decided(at_ms, one) for one in out)]
        return records

    def _fix(self, name: str, number: int, at_ms: int, latitude: float, longitude: float) -> list[Record]:
        fix = Fix(f"fix-{name}-{number}", at_ms, latitude, longitude, 5.0, Source.GNSS, 1.0, 90.0, 12.0, 80.0, valid=True)
        known = self._mind.known(f"device-{name}", 1)
        known.new_fixes([fix])
        verdicts, out = self._mind.fixes(at_ms, name, [fix])
        return [Fixes(at_ms, f"device-{name}", name, [fix], verdicts), *(Decided(at_ms, one) for one in out)]

    def _incident(self, order: CourtOrder) -> None:
        party = Party(
            pair_id=f"pair-{order.order_id}", order_id=order.order_id, policy_id="kr", basis_id="kr-provisional", tag_basis_id=None,
            monitored_id=order.monitored_ids[0], protected_id=order.protected[0].person_id,
        )  # fmt: skip
        incident = Incident(
            incident_id=f"incident-{order.order_id}", party=party, kinds=(Kind.APPROACH,), standing=frozenset(), harm=Harm(),
            status=Status.RESOLVED, opened_ms=self.now_ms - DAY_MS, resolved_ms=self.now_ms - DAY_MS + 1, entries=1,
        )  # fmt: skip
        with SqlIncidents(self.register.engine).writing() as page:
            if page.incident(incident.incident_id) is not None:
                return
            page.put_incident(incident)
            page.add_notice(
                Notice(
                    notice_id=f"notice-{order.order_id}",
                    incident_id=incident.incident_id,
                    audience=Side.PROTECTED,
                    recipient_id=order.protected[0].person_id,
                    kind="alarm",
                    urgency=Urgency.ALARM,
                    created_ms=1,
                    expires_ms=60_000,
                    text_key="alarm.protected.approach",
                )
            )
            page.add_entry(
                incident.incident_id, Entry(number=1, at_ms=self.now_ms - DAY_MS, what="note", by="operator", reason="a sentence")
            )

    def _copy(self, order: CourtOrder) -> None:
        """Copy his positions for an investigation, as a court permitted."""
        copy = Copy(
            copy_id=f"copy-{order.order_id}",
            order_id=order.order_id,
            person_id=order.monitored_ids[0],
            officer="police-1",
            reason="a breach",
            from_ms=self.now_ms - DAY_MS,
            to_ms=self.now_ms,
            made_ms=self.now_ms,
            due_ms=self.now_ms + 9 * DAY_MS,
            status=CopyStatus.PERMITTED,
        )
        oversight = self.stores.oversight()
        if oversight.copy(copy.copy_id) is None:
            oversight.add_copy(copy, f"{HOME[0]} {HOME[1]}".encode())
        oversight.close()

    def end(self, order_id: str, act: Act = Act.ACQUIT) -> None:
        """End an order now."""
        self.clerk.act(order_id, act, at_ms=self.now_ms, now_ms=self.now_ms, by="court-desk", reason="decided")

    def rows(self) -> dict[str, int]:
        """Return how many rows each table has."""
        from jikimi.storage.schema import metadata

        with self.register.engine.connect() as connection:
            return {t.name: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables}

    def forget(self, order_id: str) -> None:
        """Do what a server does before an erasure: watch the order's pairs no more, and forget its persons."""
        order = next(one for one in self.orders if one.order_id == order_id)
        persons = [*order.monitored_ids, *(one.person_id for one in order.protected)]
        records: list[Record] = []
        for pair in [one.spec for one in self._mind.engine.pairs() if one.spec.monitored_id in persons]:
            out = self._mind.end(self.now_ms, pair.pair_id)
            records += [PairEnd(self.now_ms, pair.pair_id), *(Decided(self.now_ms, one) for one in out)]
        word = Forget(self.now_ms, persons, [f"device-{name}" for name in persons])
        self.write([*records, word, *(Decided(self.now_ms, one) for one in self._mind.forget(word))])

    def close(self) -> None:
        """Close it."""
        self.register.close()
