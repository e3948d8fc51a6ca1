"""The doctor says whom an alarm would not reach, before the night in which it rings."""

import pytest

from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.rules import read_rules
from jikimi.delivery.setup import DeliverySettings
from jikimi.policy.responders import tables
from jikimi.runtime import doctor
from jikimi.runtime.reached import called_on, channels, short, unreached
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.addresses import SqlAddresses
from tests.household import Household

SECRET = "whsec_" + "A" * 44
RULES = read_rules()


def endpoints(*names):
    return DeliverySettings(endpoints={name: Endpoint("https://bridge.example/", SECRET) for name in names})


def test_everybody_whom_a_policy_names_is_called_on():
    assert set(called_on(tables()["kr"])) == {"supervisor", "police", "tag_authority"}


@pytest.mark.parametrize(
    ("delivery", "known", "missing"),
    [
        (DeliverySettings(), {}, {"supervisor", "police", "tag_authority"}),
        (endpoints("police"), {}, {"supervisor", "tag_authority"}),
        (endpoints("police"), {"supervisor": ["sms_http"]}, {"supervisor", "tag_authority"}),
        (endpoints("police", "sms"), {"supervisor": ["sms_http"], "tag_authority": ["voice"]}, {"tag_authority"}),
        (endpoints("police", "sms", "voice"), {"supervisor": ["sms_http"], "tag_authority": ["voice"]}, set()),
        (endpoints("police", "sms"), {"supervisor": ["email"], "tag_authority": ["sms_http"]}, {"supervisor"}),
    ],
)
def test_whom_no_channel_leads_to_is_named(delivery, known, missing):
    found = list(unreached(delivery, RULES, [tables()["kr"]], known))
    assert {one.split()[2] for one in found} == missing, "mail carries no alarm, and an address without its channel leads nowhere"


def test_fewer_than_three_ways_to_her_are_counted_and_nobody_is_named():
    delivery = endpoints("sms", "voice")
    assert channels(delivery) == {"sms_http", "voice"}
    (said,) = short(delivery, RULES, {"her-1": ["sms_http", "voice"], "her-2": ["sms_http", "web_push"], "her-3": []})
    assert said.startswith("2 of 3 protected persons")
    assert "her-" not in said
    assert list(short(delivery, RULES, {"her-1": ["sms_http", "voice"]})) == []


def test_the_doctor_looks_at_the_policies_that_have_orders(tmp_path):
    empty = Settings(data_dir=str(tmp_path / "empty"))
    assert list(doctor.reached(empty)) == []
    house = Household(tmp_path / "data", 1_700_000_000_000)
    settings = house.settings
    house.close()
    found = list(doctor.reached(settings))
    assert [one.split()[2] for one in found[:-1]] == ["supervisor", "police", "tag_authority"]
    assert "protected persons" in found[-1]
    SqlAddresses(Stores(settings).register().engine).put("police", "voice", "+821000000000")
    assert list(doctor.reached(settings)) == found, "without a telephone service a number leads nowhere"
