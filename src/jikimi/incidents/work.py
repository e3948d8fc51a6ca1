"""One incident in hand, within one transaction: what is written in its history, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from jikimi.incidents.incident import CALLS, Entry, Incident, Kind, Task, Where, name_of
from jikimi.incidents.opening import Signal
from jikimi.incidents.ports import Page
from jikimi.incidents.status import ON_THE_WAY, Act, TaskStatus, after
from jikimi.model.decision import Tier
from jikimi.model.notice import LIFE_MS, Notice, Side, Urgency
from jikimi.model.responders import FirstContact, Request, Responders, route

SUPERVISOR: Final = "supervisor"
CLOCK: Final = "clock"
APPROACH: Final = "alarm.protected.approach"
"""The text that tells her of an approach."""
_TOLD_HER: Final = {
    Kind.SILENCE: "alarm.protected.silence",
    Kind.PHONE_BATTERY: "instruction.protected.charge",
    Kind.HANDSET: "instruction.protected.handset",
}
_HIS: Final = frozenset({Kind.APPROACH, Kind.STRAP, Kind.REMOVAL, Kind.NO_SHOW})
ALARMS: Final = frozenset({Kind.APPROACH, *CALLS})
"""What somebody is sent to her for."""
_HURRY: Final = frozenset({*ALARMS, Kind.STRAP, Kind.REMOVAL})
"""While one of these stands, a unit must go out and arrive; who did not come to a fitting is looked for in office hours."""

_LIMITS_S: Final[Mapping[TaskStatus, Callable[[Request], int]]] = {
    TaskStatus.WAITING: lambda request: request.received_within_s,
    TaskStatus.RECEIVED: lambda request: request.sent_within_s,
    TaskStatus.SENT: lambda request: request.arrived_within_s,
}
"""For how long a part may stand as it does."""


class Work:
    """An incident being worked on. ``now_ms`` is when notices are made; each act says as of when it happened."""

    def __init__(self, page: Page, incident: Incident, responders: Responders, now_ms: int) -> None:
        self.page = page
        self.incident = incident
        self.responders = responders
        self.now_ms = now_ms

    @property
    def is_met(self) -> bool:
        """Whether a unit is with her, or on its way to her."""
        return any(task.where is Where.PROTECTED and task.status in ON_THE_WAY for task in self.incident.tasks)

    @property
    def is_silent(self) -> bool:
        """Whether a silent call of hers stands."""
        return Kind.SILENT_SOS in self.incident.standing

    def change(self, **fields: object) -> None:
        """Set fields of the incident."""
        self.incident = msgspec.structs.replace(self.incident, **fields)

    def act(self, act: Act) -> None:
        """Move along the table.

        Raises:
            NotAllowedError: the table has no such move.
        """
        self.change(status=after(self.incident.status, act))

    def note(self, what: str, by: str, at_ms: int, reason: str | None = None, signal: Signal | None = None) -> None:
        """Write a line of history; one that a signal brought says at which pair, and what the core said."""
        number = self.incident.entries + 1
        pair_id, told = (None, None) if signal is None else (signal.party.pair_id, signal.told)
        entry = Entry(number=number, at_ms=at_ms, what=what, by=by, reason=reason, pair_id=pair_id, told=told)
        self.page.add_entry(self.incident.incident_id, entry)
        self.change(entries=number)

    def tell(self, audience: Side, recipient: str, text_key: str, urgency: Urgency, **arguments: str) -> None:
        """Put a notice in the outbox. Its name comes from the line of history it belongs to, so the same act tells once."""
        kind = text_key.partition(".")[0]
        incident_id = self.incident.incident_id
        notice = Notice(
            notice_id=name_of(incident_id, str(self.incident.entries), audience, recipient, text_key),
            incident_id=incident_id,
            audience=audience,
            recipient_id=recipient,
            kind=kind,
            urgency=urgency,
            created_ms=self.now_ms,
            expires_ms=self.now_ms + LIFE_MS,
            text_key=text_key,
            arguments=arguments,
            drill=self.incident.drill,
            replaces=self.incident.said.get(f"{recipient} {text_key}"),
        )
        self.page.add_notice(notice)
        self.change(said=self.incident.said | {f"{recipient} {text_key}": notice.notice_id})

    def tell_owner(self, text_key: str) -> None:
        """Tell the operator who has it, or the supervisor where nobody is on duty."""
        owner = self.incident.owner
        kind = self.incident.kinds[-1].value
        if owner is None:
            self.tell(Side.SUPERVISOR, SUPERVISOR, "alarm.supervisor.nobody_on_duty", Urgency.ALARM, kind=kind)
        else:
            self.tell(Side.OPERATOR, owner, text_key, Urgency.ALARM, kind=kind)

    def tell_her(self, kind: Kind, trouble: str | None = None) -> None:
        """Tell her of an approach when the tier is worse than she was told; of silence and of her own device when it begins.

        An SOS rings nowhere near her, and a silent one hushes what is on its way: what was told is told again on her open page
        alone, and takes the place of what would have rung.
        """
        tier = self.incident.harm.tier
        if kind is Kind.SILENT_SOS:
            self._hush()
        elif kind in _TOLD_HER:
            self.change(told_text=_TOLD_HER[kind] if trouble is None else f"instruction.protected.{trouble}")
            self._tell_protected(self.incident.told_text, Urgency.PROMPT)
        elif kind is Kind.APPROACH and tier > self.incident.told_tier:
            self.change(told_tier=tier)
            self._tell_protected(APPROACH, Urgency.ALARM)

    def _hush(self) -> None:
        for text_key in (APPROACH if self.incident.told_tier > Tier.CLEAR else None, self.incident.told_text):
            self._tell_protected(text_key, Urgency.HUSHED)

    def _tell_protected(self, text_key: str | None, urgency: Urgency) -> None:
        if text_key is not None:
            self.tell(Side.PROTECTED, self.incident.party.protected_id, text_key, Urgency.HUSHED if self.is_silent else urgency)

    def tell_him(self, kind: Kind) -> None:
        """Tell him what the policy says about his own tag. Of nothing else: that a notice came would already tell where she is."""
        told = self.responders.him
        for word, kinds in (("charge", told.charge_on), ("call_office", told.call_office_on)):
            if kind.value in kinds:
                self.instruct(word)

    def instruct(self, word: str) -> None:
        """Tell him one of the versioned texts that are the same wherever she is."""
        self.tell(Side.MONITORED, self.incident.party.monitored_id, f"instruction.monitored.{word}", Urgency.PROMPT)

    def send_responders(self, kind: Kind, at_ms: int) -> None:
        """Give each side that needs somebody a task, in the order of first contact, unless one runs there.

        Whoever runs already is asked again, for what happens now is worse than what he knows: a call for help, a strap. Of an approach
        those are told anew who have sent nobody yet; whoever is on the way hears how the separation changes, as often as the policy says.
        """
        sides = [where for where, kinds in ((Where.PROTECTED, ALARMS), (Where.MONITORED, _HIS)) if kind in kinds]
        if self.responders.contact.first is FirstContact.HIM_FIRST:
            sides.reverse()
        running = [task for task in self.incident.tasks if task.status is not TaskStatus.DONE and task.where in sides]
        made = [self._task(where, at_ms) for where in sides if where not in {task.where for task in running}]
        again = [task for task in running if kind is not Kind.APPROACH or task.status not in ON_THE_WAY]
        anew = [msgspec.structs.replace(task, pressed=0, pressed_ms=at_ms) if task in again else task for task in self.incident.tasks]
        self.change(tasks=(*anew, *made))
        self.wind_tasks()
        if made or again:
            self.ask([*again, *made], kind)
            self.change(told_m=self.incident.harm.low_m)

    def due_of(self, task: Task) -> int | None:
        """Return when a responder must have gone on, or None where no clock asks him to."""
        limit_s = _LIMITS_S[task.status](self.responders.request) if task.status in _LIMITS_S else None
        if limit_s is None or (task.status is not TaskStatus.WAITING and _HURRY.isdisjoint(self.incident.standing)):
            return None
        return task.since_ms + 1_000 * limit_s

    def wind_tasks(self) -> None:
        """Set the clock of the responders to the first of them who must go on. Nobody is pressed once nothing stands."""
        dues = [self.due_of(task) for task in self.incident.tasks] if self.incident.standing else []
        self.change(task_due_ms=min((due_ms for due_ms in dues if due_ms is not None), default=None))

    def _task(self, where: Where, at_ms: int) -> Task:
        party = self.incident.party
        to = route(self.responders, party.basis_id, party.tag_basis_id)
        return Task(where=where, responder=to.monitored if where is Where.MONITORED else to.protected, changed_ms=at_ms)

    def ask(self, tasks: Sequence[Task], kind: Kind) -> None:
        """Ask responders to go. Together means one request to an agency that goes to both, so that neither side waits for the other."""
        for responder in dict.fromkeys(task.responder for task in tasks):
            sides = [task.where.value for task in tasks if task.responder == responder]
            if self.responders.contact.first is FirstContact.TOGETHER and len(set(sides)) > 1:
                sides = ["both"]
            for side in dict.fromkeys(sides):
                self.tell(Side.RESPONDER, responder, f"task.responder.at_{side}", Urgency.ALARM, kind=kind.value)

    def repeat_distance(self) -> None:
        """Tell the responders again when the separation has changed by as much as the policy says."""
        low_m, told_m = self.incident.harm.low_m, self.incident.told_m
        if low_m is None or (told_m is not None and abs(low_m - told_m) < self.responders.repeat.every_m):
            return
        for responder in dict.fromkeys(task.responder for task in self.incident.tasks if task.status is not TaskStatus.DONE):
            self.tell(Side.RESPONDER, responder, "repeat.responder.distance", Urgency.PROMPT, metres=str(min(999_999, round(low_m))))
        self.change(told_m=low_m)

    def wind_contact(self, at_ms: int) -> None:
        """Start the clock of human contact when her alarm begins to sound, stop it when it is over.

        While she calls silently nothing sounds, and nobody is pressed to ring her: those who are sent are the contact.
        """
        is_audible = bool({Kind.APPROACH, Kind.SOS} & self.incident.standing) and not self.is_silent
        if not is_audible:
            self.change(contact_due_ms=None)
        elif self.incident.contact_due_ms is None:
            self.change(contact_due_ms=at_ms + 1_000 * self.responders.contact.within_s)

    def lower_told(self) -> None:
        """Remember a retreat, so that a new approach is told anew."""
        self.change(told_tier=Tier(min(self.incident.told_tier, self.incident.harm.tier)))

    def keep(self) -> Incident:
        """Keep the incident as it is now."""
        self.page.put_incident(self.incident)
        return self.incident
