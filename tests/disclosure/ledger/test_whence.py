"""From where somebody looked stands in the ledger's line, whatever wrote it, and goes with the request through tasks and threads."""

from __future__ import annotations

import asyncio
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.apps.whence import WhenceApp
from jikimi.disclosure.ledger.leaf import Act, Client, Network, Personal, check
from jikimi.disclosure.ledger.whence import Networks, nets, told, whence_of

OURS = Networks(nets(("10.20.0.0/16", "2001:db8:1::/48")), nets(("10.99.0.0/16",)), keeps_addresses=True)
ACT = Act(at_ms=1, act="disclosed", what="map:tier", purpose="response", audience="desk", client=Client.BROWSER, who=Personal("a", "a"))


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("10.20.3.4", Network.OFFICE),
        ("2001:db8:1::7", Network.OFFICE),
        ("::ffff:10.20.3.4", Network.OFFICE),
        ("10.99.0.1", Network.VPN),
        ("127.0.0.1", Network.LOOPBACK),
        ("::1", Network.LOOPBACK),
        ("8.8.8.8", Network.PUBLIC),
        ("192.168.1.1", Network.UNKNOWN),
        ("fe80::1%eth0", Network.UNKNOWN),
        ("a socket of the machine", Network.UNKNOWN),
        (None, Network.UNKNOWN),
    ],
)
def test_an_address_is_of_one_kind_of_network(host, network):
    assert whence_of(host, OURS).network is network


@given(st.ip_addresses())
def test_any_address_may_stand_in_a_line_and_none_does_where_it_is_not_kept(address):
    found = whence_of(str(address), OURS)
    check(Act(**{name: getattr(ACT, name) for name in ACT.__struct_fields__} | {"address": Personal("a", found.address)}))
    assert whence_of(str(address), Networks()).address is None
    assert ipaddress.ip_address(found.address) == (getattr(address, "ipv4_mapped", None) or address)


def written_by(client, act=ACT):
    """What a request of this address writes: at once, in a task, in a thread, and what the server writes meanwhile by itself."""
    found = []

    async def app(_scope, _receive, _send):
        found.append(told(act))
        found.append(await asyncio.create_task(later(act)))
        found.append(await asyncio.to_thread(told, act))

    async def later(act):
        return told(act)

    async def story():
        await asyncio.create_task(WhenceApp(app, OURS)({"type": "http", "client": client}, None, None))
        found.append(told(act))

    asyncio.run(story())
    return found


def test_every_line_of_a_request_says_from_where_it_came_and_no_other_does():
    *of_it, of_the_server = written_by(("10.20.3.4", 5_000))
    assert {(one.network, one.address.value, one.address.subject) for one in of_it} == {(Network.OFFICE, "10.20.3.4", "a")}
    assert of_the_server == ACT
    assert {one.network for one in written_by(None)} == {Network.UNKNOWN}


def test_what_a_program_writes_says_so_and_nobody_has_no_address():
    service = Act(at_ms=1, act="erased", what="copy:ended", purpose="investigation", audience="investigator", client=Client.SERVICE)
    assert written_by(("10.20.3.4", 5_000), service) == [service] * 4
    nobody = Act(at_ms=1, act="refused", what="map", purpose="response", audience="desk", client=Client.BROWSER)
    assert {(one.network, one.address) for one in written_by(("10.99.0.1", 1), nobody)} == {
        (Network.VPN, None),
        (Network.UNKNOWN, None),
    }
