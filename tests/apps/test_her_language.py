"""The language she reads: chosen in her app, kept with where she is reached, followed by the server's notices."""

from jikimi.apps.protected import protected_app
from jikimi.apps.push import PushDesk
from jikimi.delivery.words import HER_LANGUAGES
from tests.apps.client import TOKEN, Browser, World
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER


class Addresses:
    def __init__(self):
        self.kept = {}

    def put(self, recipient_id, channel, address):
        self.kept[recipient_id, channel] = address

    def of(self, recipient_id):
        return {channel: address for (person, channel), address in self.kept.items() if person == recipient_id}


def her_browser():
    here, addresses = World(), Addresses()
    push = PushDesk(addresses, lambda _: None, lambda: 0)
    app = protected_app(here.watch, here.register, here.office, device_url="https://door.test", push=push)
    return Browser(app, "protected", TOKEN), addresses


def test_what_she_chooses_is_kept_and_told_back():
    async def story():
        her, addresses = her_browser()
        assert (await her.get("/api/me")).json["language"] is None
        for language in HER_LANGUAGES:
            assert (await her.post("/api/language", {"language": language})).status == 204
            assert (await her.get("/api/me")).json["language"] == language
        assert addresses.kept == {(HER, "language"): HER_LANGUAGES[-1]}

    run(story())


def test_a_language_that_nothing_is_written_in_is_refused_with_those_there_are():
    async def story():
        her, addresses = her_browser()
        for asked in ({"language": "tlh"}, {"language": ""}, {"language": 5}, {}, []):
            answer = await her.post("/api/language", asked)
            assert answer.status == 400
            assert "zh-Hans" in answer.json["message"]
        assert addresses.kept == {}

    run(story())
