"""Steps and devices on the way from an order to a protected person."""

from __future__ import annotations

from collections.abc import Collection

from jikimi.model.order import DeviceKind
from jikimi.model.register import CourtOrder
from jikimi.orders import linking, progress
from jikimi.orders.acts import living
from jikimi.orders.dossier import Link
from jikimi.orders.duration import RefusedError
from jikimi.orders.funnel import Assignment, Step, awaited
from jikimi.orders.keeping import CLOCK, Keeper
from jikimi.orders.ports import Page


class Custody(Keeper):
    """Notes what was done for whom, and which device was given to whom."""

    def step(self, order_id: str, step: Step, *, at_ms: int, by: str, person_id: str | None = None) -> None:
        """Note that a step was done, for one protected person or for all of the order.

        Raises:
            LookupError: there is no such order.
        """
        with self._books.writing() as page:
            order = self._dossier(page, order_id).order
            funnels = [one for one in page.funnels(order_id) if person_id is None or one.person_id == person_id]
            if living(order):
                progress.take_step(page, funnels, step, self._of(order.policy_id), at_ms, by)

    def signed_in(self, person_id: str, *, at_ms: int) -> None:
        """Note that a protected person's app is signed in: a step under every order that protects her."""
        for order in self.protecting(person_id):
            self.step(order.order_id, Step.PAIRED, at_ms=at_ms, by=CLOCK, person_id=person_id)

    def tried_help(self, person_id: str, *, at_ms: int) -> None:
        """Note that a protected person had a drill and knew what to do: the drill is done."""
        for order in self.protecting(person_id):
            self.step(order.order_id, Step.DRILL_DONE, at_ms=at_ms, by=CLOCK, person_id=person_id)

    def protecting(self, person_id: str) -> list[CourtOrder]:
        """Return the living orders that protect a person."""
        with self._books.reading() as page:
            found = [one.order for one in page.dossiers_of([person_id])]
        return [one for one in found if living(one) and person_id in {other.person_id for other in one.protected}]

    def binding(self, person_ids: Collection[str]) -> dict[str, list[CourtOrder]]:
        """Return the living orders that bind each of some monitored persons."""
        with self._books.reading() as page:
            found = [one.order for one in page.dossiers_of(person_ids)]
        return {name: [one for one in found if living(one) and name in one.monitored_ids] for name in person_ids}

    def give_out(self, order_id: str, device_id: str, kind: DeviceKind, person_id: str, *, now_ms: int, by: str) -> list[Link]:
        """Note that a device was given to a person of an order. A new tag is compared with every order in force.

        Raises:
            LookupError: there is no such order.
            RefusedError: it has ended, or does not name the person.
        """
        with self._books.writing() as page:
            order = self._dossier(page, order_id).order
            named = {*order.monitored_ids, *(one.person_id for one in order.protected)}
            if not living(order) or person_id not in named:
                raise RefusedError(["A device is given out under an order that is decided, has not ended, and names the person."])
            durations = self._of(order.policy_id)
            officer = order.tag_officer if kind is DeviceKind.TAG else order.protecting_officer
            owner = officer if officer is not None else order.owner
            assignment = Assignment(device_id=device_id, kind=kind, person_id=person_id, order_id=order_id, owner=owner, at_ms=now_ms)
            progress.give_out(page, assignment, durations)
            if kind is not DeviceKind.TAG:
                return []
            progress.take_step(page, page.funnels(order_id), Step.FITTED, durations, now_ms, by)
            return self._compare(page, person_id, now_ms)

    def take_back(self, device_id: str, *, now_ms: int, by: str) -> None:
        """Note that a device came back.

        Raises:
            LookupError: it was never given out.
        """
        with self._books.writing() as page:
            assignment = page.assignment(device_id)
            if assignment is None:
                raise LookupError("No device of this name was given out.")
            progress.take_back(page, assignment, now_ms, by)

    def heard(self, device_id: str, *, at_ms: int) -> None:
        """Note that a device that was given out was heard with a position. Harmless for any other device, and when repeated."""
        with self._books.writing() as page:
            assignment = page.assignment(device_id)
            if assignment is not None:
                order = self._dossier(page, assignment.order_id).order
                progress.hear(page, assignment, self._of(order.policy_id), at_ms)

    def given_out(self, device_id: str) -> bool:
        """Whether a device was given to somebody and did not come back."""
        with self._books.reading() as page:
            found = page.assignment(device_id)
        return found is not None and found.returned_ms is None

    def awaited(self) -> frozenset[str]:
        """Return the devices that were given out and not heard since: only for these is ``heard`` worth a call."""
        with self._books.reading() as page:
            return frozenset(one.device_id for one in page.assignments() if awaited(one))

    def _compare(self, page: Page, person_id: str, now_ms: int) -> list[Link]:
        """Compare one monitored person with everybody, by the clocks of the first living order that names him."""
        dossiers = [one for one in page.dossiers_of([person_id]) if living(one.order)]
        return linking.compare(page, [person_id], self._of(dossiers[0].order.policy_id), now_ms) if dossiers else []
