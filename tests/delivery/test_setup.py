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
        channels = channels_of(settings, RULES, None, lambda _: None, Clock())
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
    assert {*ladders.alarm, *ladders.prompt, *ladders.quiet, *ladders.monitored} <= found


@pytest.mark.parametrize("bad", ["[smpp]\nhost = 'x'", "[endpoints.a]\nurl = 'http://a.example'\nsecret = 'x'", "sms = 1"])
def test_bad_settings_are_refused(bad):
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(bad, type=DeliverySettings)
    with pytest.raises(ValueError, match="32 bytes"):
        vapid_of(Push(key="AAAA", contact="mailto:a@example.net", hosts=()))
