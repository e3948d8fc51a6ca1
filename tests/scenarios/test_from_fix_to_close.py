"""A whole story on simulated time: from his first fix to the closed incident, with every message in order, and its way to an eye."""

from __future__ import annotations

import msgspec

from jikimi.delivery.words import LANGUAGE, read_book
from jikimi.incidents.incident import Outcome, Where
from jikimi.incidents.opening import of_transition
from jikimi.incidents.status import Status, TaskStatus
from jikimi.model.notice import Notice
from jikimi.runtime.notices import NoticeDesk
from jikimi.storage.addresses import SqlAddresses
from jikimi.storage.incidents import SqlIncidents
from jikimi.storage.outbox import SqlShelf
from tests.core.rules import T0, Scene, pair
from tests.delivery.fakes import RULES
from tests.incidents.helpers import a_room, engine, party


class Story:
    """The core, the room of incidents and the outbox, driven by one clock."""

    def __init__(self) -> None:
        made = engine()
        self.scene = Scene(pair())
        self.room, self.books = a_room(made)
        addresses = SqlAddresses(made)
        for person in ("f-p1", "m1", "kim"):
            for channel in ("web_push", "sms", "voice"):
                addresses.put(person, channel, "x")
        addresses.put("f-p1", LANGUAGE, "ar")
        self.shelf = SqlShelf(made)
        names = frozenset({"police"})
        self.notices = NoticeDesk(SqlIncidents(made), self.shelf, addresses, read_book(), RULES, names, lambda _: {})
        self._seen = 0
        self.now_ms = T0

    def hear(self, who: str, second: float, east_m: float) -> None:
        """Let a fix come, and take in what the core says of it."""
        self.clock(second)
        self.scene.hear(who, second, east_m, 0)
        for transition in self.scene.out[self._seen :]:
            for signal in of_transition(msgspec.structs.replace(transition, pair_id="p1"), party()):
                self.room.signal(signal, self.now_ms)
        self._seen = len(self.scene.out)
        self.notices.take(self.now_ms)

    def clock(self, second: float) -> None:
        """Let time pass: every clock that rings meanwhile rings at its own moment."""
        until_ms = T0 + round(second * 1000)
        while (due_ms := self.room.next_due_ms()) is not None and due_ms <= until_ms:
            self.room.advance(due_ms)
            self.notices.take(due_ms)
        self.now_ms = until_ms

    def told(self) -> list[tuple[int, str, str]]:
        """Return every message in order: the second, to whom, what."""
        found: list[Notice] = [notice for _, notice in self.books.notices_after(0)]
        return [((one.created_ms - T0) // 1000, one.recipient_id, one.text_key) for one in found]


def test_he_comes_near_is_met_and_leaves() -> None:
    # Given an operator on duty, and both seen far apart
    story = Story()
    story.room.sign_in("kim", T0)
    story.hear("p", 0, 0)
    story.hear("m", 0, 6000)
    assert story.told() == []
    # When he walks up to her
    for step in range(1, 56):
        story.hear("m", 10 * step, 6000 - 100 * step)
        story.hear("p", 10 * step + 1, 0)
    (incident,) = [row.worst for row in story.room.queue()]
    began_s = (incident.opened_ms - T0) // 1000
    opening = [(to, what) for second, to, what in story.told() if second == began_s]
    # Then she is told first, then who has it, then those who are sent: to her before to him
    assert opening == [
        ("f-p1", "alarm.protected.approach"),
        ("kim", "alarm.operator.approach"),
        ("police", "task.responder.at_protected"),
        ("police", "task.responder.at_monitored"),
    ]
    # She in the language she chose, the others in the office's
    spoken = {one.message.topic.split()[1]: one.message.language for one in story.notices.of(incident.incident_id)}
    assert spoken == {"f-p1": "ar", "kim": "ko", "police": "ko", "supervisor": "ko"}
    # Nobody took it: the ladder, contact and the requests, each at its time
    later = [(second - began_s, to, what) for second, to, what in story.told() if began_s < second <= began_s + 60]
    for wanted in [
        (30, "kim", "escalation.operator.unacknowledged"),
        (30, "police", "task.responder.at_protected"),
        (30, "supervisor", "escalation.supervisor.task_due"),
        (60, "supervisor", "escalation.supervisor.unacknowledged"),
        (60, "kim", "escalation.operator.contact_due"),
    ]:
        assert wanted in later
    # She hears again only when it is worse
    hers = [what for _, to, what in story.told() if to == "f-p1"]
    assert hers == ["alarm.protected.approach"] * len({one.tier for one in story.scene.out if one.tier >= 2})
    # When somebody takes it, the police go, and somebody speaks with her
    name, count = incident.incident_id, len(story.told())
    story.room.acknowledge(name, "kim", story.now_ms)
    for where in (Where.PROTECTED, Where.MONITORED):
        for status in (TaskStatus.RECEIVED, TaskStatus.SENT, TaskStatus.ARRIVED):
            story.room.answer(name, where, status, "police", story.now_ms)
    story.room.contact(name, "kim", story.now_ms)
    story.clock(900)
    assert len(story.told()) == count, "no clock asks anybody any more"
    # And he is led away: the incident waits for a person, and closes with a word to those who were sent
    for where in (Where.PROTECTED, Where.MONITORED):
        story.room.answer(name, where, TaskStatus.DONE, "police", story.now_ms)
    closed = story.room.resolve(name, "kim", Outcome.ARRESTED, "Taken to the station.", story.now_ms)
    story.notices.take(story.now_ms)
    assert closed.status is Status.RESOLVED
    assert [(to, what) for _, to, what in story.told()[count:]] == [("police", "closed.responder.incident")]
    assert story.room.queue() == []
    # Every message has a passage in the outbox, of the same key and in the same order, and none outlives a minute
    passages = story.shelf.about(name)
    assert [one.message.key for one in passages] == [notice.notice_id for _, notice in story.books.notices_after(0)]
    assert all(0 < one.message.until_ms - one.message.sent_ms <= 60_000 for one in passages)
    danger = [one for one in passages if one.message.topic.endswith("alarm.protected.approach")]
    assert all(len(one.ways) >= 3 and not one.is_short for one in danger), "three channels for danger"
