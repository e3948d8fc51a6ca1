"""A story's persons, devices and order in the words of the register, and the policy that its demonstration uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jikimi.model.order import DeviceKind, Order, Place
from jikimi.model.policy import MapView
from jikimi.model.zone import Circle
from jikimi.scenarios.stories.story import Role, Story

if TYPE_CHECKING:
    from jikimi.model.policy import Policy


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One person with one device, to be added to the register."""

    person_id: str
    label: str
    role: Role
    device_id: str
    kind: DeviceKind


def members(story: Story) -> tuple[Member, ...]:
    """Return the story's persons and their devices."""
    return tuple(
        Member(
            person_id=f"{story.name}-{actor.role.value}-{number}",
            label=actor.label,
            role=actor.role,
            device_id=actor.device_id,
            kind=actor.kind,
        )
        for number, actor in enumerate(story.actors, start=1)
    )


def order(story: Story, from_ms: int, until_ms: int) -> Order:
    """Return the story's order, in force from (inclusive) to (exclusive)."""
    persons = members(story)
    return Order(
        order_id=f"{story.name}-order",
        policy_id=story.policy_id,
        monitored_id=next(member.person_id for member in persons if member.role is Role.MONITORED),
        protected_ids=tuple(member.person_id for member in persons if member.role is Role.PROTECTED),
        places=tuple(Place(place.place_id, place.label, Circle(*place.at, place.radius_m)) for place in story.places),
        distance_m=story.distance_m,
        from_ms=from_ms,
        until_ms=until_ms,
        legal_basis="Demonstration: no court made this order.",
    )


def demonstration(policy: Policy, story: Story) -> Policy:
    """Return the preset with the numbers the story changes, under a version of its own so that decisions say so."""
    if not story.judging and story.map_view is None:
        return policy
    view = policy.view
    if story.map_view is not None:
        view = msgspec.structs.replace(view, map_view=MapView(story.map_view), map_ring_m=0.0, words_ring_m=None)
    judging = msgspec.convert({**msgspec.structs.asdict(policy.judging), **story.judging}, type(policy.judging))
    return msgspec.structs.replace(policy, judging=judging, view=view, version=f"{policy.version}-{story.name}")
