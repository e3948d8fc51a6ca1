"""Nothing is set up unless an operator says so."""

import asyncio

import msgspec
import pytest

from jikimi.delivery.setup import DeliverySettings, Push, channels_of, vapid_of
from tests.delivery.fakes import NAMES, RULES, Clock

ALL = """
source = "/seoul"
[push]
key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAk"
contact = "mailto:duty@example.net"
hosts = ["push.example.net"]
[smpp]
host = "127.0.0.1"
port = 2775
system_id = "jikimi"
password = "secret"
source = "JIKIMI"
[mail]
host = "127.0.0.1"
port = 25
sender = "duty@example.net"
[endpoints.sms]
url = "https://bridge.example/sms"
secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
[endpoints.voice]
url = "https://bridge.example/voice"
secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
[endpoints.police]
url = "https://police.example/in"
secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
"""


def names(settings):
    async def go():
        vapid = None if settings.push is None else vapid_of(settings.push, bytes(32))
        channels = channels_of(settings, RULES, None, lambda _: None, Clock(), vapid)
        for channel in channels:
            await channel.close()
        return {channel.name for channel in channels}

    return asyncio.run(go())


def test_by_default_no_third_party():
    assert names(DeliverySettings()) == {"stream"}


def test_every_channel_that_a_ladder_names_can_be_set_up():
    found = names(msgspec.toml.decode(ALL, type=DeliverySettings))
    assert found == set(NAMES)
    ladders = RULES.ladders
    assert {*ladders.hushed, *ladders.alarm, *ladders.prompt, *ladders.quiet, *ladders.monitored} <= found


@pytest.mark.parametrize("bad", ["[smpp]\nhost = 'x'", "[endpoints.a]\nurl = 'http://a.example'\nsecret = 'x'", "sms = 1"])
def test_bad_settings_are_refused(bad):
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(bad, type=DeliverySettings)
    with pytest.raises(ValueError, match="32 bytes"):
        vapid_of(Push(key="AAAA", contact="mailto:a@example.net", hosts=("push.example.net",)), bytes(32))


def test_the_server_has_a_push_key_of_its_own_the_same_at_every_start():
    push = Push(contact="mailto:a@example.net", hosts=("push.example.net",))
    keys = {vapid_of(push, own).public for own in (bytes(32), bytes(32), b"\xff" * 32)}
    assert len(keys) == 2
    with pytest.raises(ValueError, match="contact"):
        vapid_of(Push(contact="duty@example.net", hosts=("push.example.net",)), bytes(32))
    with pytest.raises(ValueError, match="services"):
        vapid_of(Push(contact="mailto:a@example.net", hosts=()), bytes(32))
