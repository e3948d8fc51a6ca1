"""After a drill she shows that she knows what to do; only then the funnel's last step is done."""

from jikimi.apps.protected import protected_app
from jikimi.orders.funnel import Step
from tests.apps.client import TOKEN, Browser, World
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER


class Drills:
    def __init__(self):
        self.played = False

    def frame(self, person_id):
        return None

    def was_played(self, person_id):
        assert person_id == HER
        found, self.played = self.played, False
        return found


class Clerk:
    def __init__(self):
        self.steps = []

    def tried_help(self, person_id, *, at_ms):
        self.steps.append((person_id, Step.DRILL_DONE, at_ms))


class Desk:
    def __init__(self):
        self.clerk = Clerk()

    async def do(self, work):
        return work(self.clerk)


def test_only_a_drill_that_was_played_counts_and_it_counts_once():
    async def story():
        here, drills, office = World(), Drills(), Desk()
        app = protected_app(here.watch, here.register, office, device_url="https://door.test", drills=drills)
        her = Browser(app, "protected", TOKEN)
        assert (await her.post("/api/drill/check")).status == 409
        drills.played = True
        assert (await her.post("/api/drill/check")).status == 204
        assert office.clerk.steps == [(HER, Step.DRILL_DONE, here.watch.now_ms())]
        assert (await her.post("/api/drill/check")).status == 409
        assert len(office.clerk.steps) == 1

    run(story())
