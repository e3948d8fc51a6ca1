"""`jikimi demo`: a whole server on made-up orders, with movement played to its front door."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from jikimi.identity.guests import Waiver
from jikimi.identity.roles import Role
from jikimi.ingest.credentials import new_secret
from jikimi.model.durations import Durations
from jikimi.model.order import Device
from jikimi.model.policy import Policy
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.orders.clerk import Clerk
from jikimi.orders.codes import new_code
from jikimi.orders.funnel import Step
from jikimi.policy.durations import tables
from jikimi.policy.load import preset
from jikimi.runtime.commands import now_ms, say, settings
from jikimi.runtime.courthouse import Courthouse
from jikimi.runtime.played import PlayedPolice
from jikimi.runtime.server import Server
from jikimi.runtime.server import run as serve
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import BASEMAP, Stores
from jikimi.scenarios import stories
from jikimi.scenarios.petitions import COURT
from jikimi.scenarios.stories import Role as Part
from jikimi.scenarios.stories import Story
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.identity import SqlStaff

DAY_MS: Final = 86_400_000
DAYS: Final = 30
BASIS: Final = "kr-provisional"
STAFF: Final = "operator"
ADMINISTRATOR: Final = "administrator"
AUDITOR: Final = "auditor"
JUDGE: Final = "judge"
CLERK: Final = "clerk"
"""The second account of the court: what ends an order needs two."""


class Cast:
    """The stories' people in a register: credentials of their devices, pairing codes for her app and for the desk."""

    def __init__(self, told: Sequence[Story]) -> None:
        self.stories = told
        self.policies: dict[str, Policy] = {}
        self.durations: dict[str, Durations] = {}
        self.credentials: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.desk_code = new_code()
        self.oversight_code = new_code()
        self.court_code = new_code()
        self.clerk_code = new_code()

    def enter(self, stores: Stores) -> None:
        """Enter everybody into the register."""
        register = stores.register()
        until = now_ms() + DAYS * DAY_MS
        for story in self.stories:
            for member in stories.members(story):
                register.add_person(member.person_id, member.label)
                secret, digest = new_secret()
                register.add_device(Device(device_id=member.device_id, kind=member.kind, person_id=member.person_id, secret_sha256=digest))
                self.credentials[member.device_id] = f"{member.device_id}.{secret}"
                if member.role is Part.PROTECTED:
                    code = self.codes.setdefault(story.name, new_code())
                    register.add_invitation(code, "protected", member.person_id, until)
            order = self._order(story)
            clerk = stores.clerk(register, self.durations)
            entered = clerk.enter(order, now_ms=now_ms(), by=STAFF).order
            clerk.step(entered.order_id, Step.NOTIFIED, at_ms=now_ms(), by=STAFF)
            self._give_out(clerk, entered, story)
            for one in entered.protected:
                # Whoever tries it has a minute, and perhaps no passkey: the map opens without one.
                SqlAppLocks(register.engine).waive(one.person_id, entered.order_id, Waiver.DEMONSTRATION, STAFF, now_ms())
        staff = SqlStaff(register.engine)
        staff.add(ADMINISTRATOR, Role.ADMINISTRATOR, ADMINISTRATOR, None, now_ms=now_ms(), until_ms=until)
        staff.add(STAFF, Role.SUPERVISOR, ADMINISTRATOR, self.desk_code, now_ms=now_ms(), until_ms=until)
        staff.add(AUDITOR, Role.DATA_PROTECTION, ADMINISTRATOR, self.oversight_code, now_ms=now_ms(), until_ms=until)
        staff.add(JUDGE, Role.COURT, ADMINISTRATOR, self.court_code, now_ms=now_ms(), until_ms=until, courts=(COURT,))
        staff.add(CLERK, Role.COURT_CLERK, ADMINISTRATOR, self.clerk_code, now_ms=now_ms(), until_ms=until, courts=(COURT,))

    def _order(self, story: Story) -> CourtOrder:
        """Return the story's order under a policy of its own: a demonstration may shorten times so that one can watch."""
        policy = stories.demonstration(preset(story.policy_id), story)
        name = f"{policy.policy_id}-{story.name}"
        self.policies[name] = msgspec.structs.replace(policy, policy_id=name)
        self.durations[name] = msgspec.structs.replace(tables()[story.policy_id], policy_id=name)
        told = stories.order(story, now_ms(), now_ms() + DAYS * DAY_MS)
        return CourtOrder(
            order_id=told.order_id,
            policy_id=name,
            basis_id=BASIS,
            legal_basis=told.legal_basis,
            owner=STAFF,
            monitored_ids=(told.monitored_id,),
            protected=tuple(Protected(person_id=one, standing=Standing.VICTIM) for one in told.protected_ids),
            places=told.places,
            measures=(
                Measure(
                    measure_id="no-approach",
                    kind=MeasureKind.NO_APPROACH,
                    from_ms=told.from_ms,
                    until_ms=told.until_ms,
                    distance_m=told.distance_m,
                    alert_m=told.alert_m,
                ),
                Measure(measure_id="tag", kind=MeasureKind.MONITORING, from_ms=told.from_ms, until_ms=told.until_ms),
            ),
            decided_ms=told.from_ms,
        )

    def _give_out(self, clerk: Clerk, order: CourtOrder, story: Story) -> None:
        for member in stories.members(story):
            clerk.give_out(order.order_id, member.device_id, member.kind, member.person_id, now_ms=now_ms(), by=STAFF)


def run(config: Path | None, story: str, pace: float | None) -> None:
    """Play until stopped. Its data live in a folder of their own and are removed at the end."""
    usual = settings(config)
    names = stories.NAMES if story == "both" else (story,)
    cast = Cast([stories.load(name) for name in names])
    with tempfile.TemporaryDirectory(prefix="jikimi-demo-") as folder, tempfile.TemporaryDirectory(prefix="jikimi-court-") as keys:
        shown = msgspec.structs.replace(usual, data_dir=folder, demonstration=True, staff_codes=True, lock_after_s=0.0, log_level="warning")
        stores = Stores(shown)
        cast.enter(stores)
        if (usual.data / BASEMAP).exists():
            shutil.copy(usual.data / BASEMAP, stores.basemap)

        # Made-up requests go to played police, and made-up petitions to a played court, whatever the operator set up.
        police, court = PlayedPolice(say), Courthouse(Path(keys), STAFF)
        shown = msgspec.structs.replace(shown, delivery=police.delivery(), courts={COURT: court.settings})

        async def beside(server: Server) -> None:
            announce(cast, server.settings)
            door = f"http://127.0.0.1:{server.settings.device_port}"
            moved = stories.play(cast.stories, door, cast.credentials, pace=pace, times=None)
            await asyncio.gather(police.work(server.settings), court.receive(server, now_ms()), moved)

        asyncio.run(serve(shown, cast.policies, durations=cast.durations, beside=beside))


def announce(cast: Cast, shown: Settings) -> None:
    """Print where to look."""
    say("\nJikimi is running a demonstration. Nobody in it is real.\n")
    for story in cast.stories:
        say(f"  {story.titles['en']}")
        say(f"    her app   {shown.url('protected')}/#code={cast.codes[story.name]}")
    say("\n  The control room")
    say(f"    the desk  {shown.url('desk')}/#code={cast.desk_code}")
    say("\n  Oversight: who looked at whom, reviews, proofs")
    say(f"    the app   {shown.url('oversight')}/#code={cast.oversight_code}")
    say("\n  A court: petitions with their clocks, decisions that become orders")
    say(f"    a judge   {shown.url('court')}/#code={cast.court_code}")
    say(f"    a clerk   {shown.url('court')}/#code={cast.clerk_code}")
    say("\nEach address works once, in one browser. Ctrl-C ends it.\n")
    say("  The police (played: it answers by itself; open a phone and press first)")
