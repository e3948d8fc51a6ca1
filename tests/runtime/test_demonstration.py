"""The demonstration's orders are the clerk's, like any other."""

from __future__ import annotations

from jikimi.model.register import Status
from jikimi.runtime.demonstration import Cast
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.scenarios import stories


def test_the_demonstrations_orders_are_entered_through_the_clerk(tmp_path):
    cast = Cast([stories.load(name) for name in stories.NAMES])
    stores = Stores(Settings(data_dir=str(tmp_path)))
    cast.enter(stores)
    register = stores.register()
    clerk = stores.clerk(register, cast.durations)
    told = register.orders()
    assert {one.policy_id for one in told} == set(cast.policies) == set(cast.durations)
    assert [clerk.order(one.order_id).status for one in told] == [Status.IN_FORCE] * len(stories.NAMES)
    assert clerk.awaited() == {device.device_id for device in register.devices()}
