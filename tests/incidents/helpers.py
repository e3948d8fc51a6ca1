"""A room on a database of its own, and things that happen."""

import sqlalchemy as sa

from jikimi.incidents.incident import Kind, Party
from jikimi.incidents.opening import Signal
from jikimi.incidents.room import Room
from jikimi.model.decision import Sight, Tier
from jikimi.policy.responders import tables
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.schema import metadata


def engine():
    made = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(made)
    return made


def a_room(made):
    books = SqlIncidents(made)
    return Room(books, tables()), books


def party(pair="p1", him="m1", basis="kr-provisional", tag=None, breaches=0):
    return Party(
        pair_id=pair,
        order_id="o1",
        policy_id="kr",
        basis_id=basis,
        tag_basis_id=tag,
        monitored_id=him,
        protected_id=f"f-{pair}",
        breaches=breaches,
    )


def approach(number, at_ms, tier=Tier.WARNING, low_m=900.0, whom=None, began=True):
    return Signal(
        signal_id=f"{(whom or party()).pair_id}.{number}",
        at_ms=at_ms,
        party=whom or party(),
        kind=Kind.APPROACH,
        began=began,
        tier=tier,
        low_m=low_m,
        contact_s=120.0,
        sight=Sight.LIVE,
    )


def plain(kind, number, at_ms, began=True, whom=None):
    return Signal(signal_id=f"{kind}.{number}", at_ms=at_ms, party=whom or party(), kind=kind, began=began)


def told(books, after=0):
    return [(one.audience.value, one.recipient_id, one.text_key) for _, one in books.notices_after(after)]
