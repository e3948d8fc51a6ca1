"""The ways to the courts that the operator set up, and who files a petition by them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jikimi.apps.api import RefusedError
from jikimi.apps.petition import Filed, FormNow, Given, Open, Standing, exhibits_of
from jikimi.delivery.client import http_client
from jikimi.delivery.courts.drop import Drop
from jikimi.delivery.courts.mailbox import Mailbox
from jikimi.delivery.courts.receiver import Receiver
from jikimi.delivery.endpoint import Endpoint
from jikimi.delivery.mail import Relay
from jikimi.delivery.rules import LaneRules
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act, Client, Opening, Personal
from jikimi.disclosure.ledger.ports import Ledger, LedgerUnavailableError
from jikimi.ingest.limits import Meter
from jikimi.model.papers import Filing
from jikimi.model.petition import PetitionForm
from jikimi.petitions.answers import filed, standing
from jikimi.petitions.clocks import Clock
from jikimi.petitions.docket import dues
from jikimi.petitions.document import Exhibit, Papers, written
from jikimi.petitions.package import Package, PackageError, check_key, exhibit, packed
from jikimi.petitions.ports import CourtDoor, NotHandedError
from jikimi.petitions.sheet import printed
from jikimi.petitions.steps import hearing_ms, step_of
from jikimi.policy.petitions import newest
from jikimi.runtime.settings import CourtSettings, SettingsError
from jikimi.storage.docket import SqlDocket
from jikimi.storage.ledger import LedgerReader
from jikimi.storage.papers import SqlPapers

_HANDING: Final = LaneRules(waiting=10, workers=2, timeout_s=60.0)
SEALS: Final = "diary-seals.json"
ABOUT_SEALS: Final[Mapping[str, str]] = {
    "ko": "일기 각 항목이 봉인된 시각과 그 증명",
    "en": "When each entry of the diary was sealed, and its proof",
}
PER_PERSON: Final = (0.1, 20)
"""So many papers a second a person may have printed or filed, and so many at once."""
Doors = Mapping[str, tuple[CourtSettings, CourtDoor]]


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """When an entry of her diary was sealed, and what shows it: the ledger's entry, what opens it, and its proof under a checkpoint."""

    exhibit: str
    at_ms: int
    entry: int
    sha256: str
    salt: str | None
    proof: str | None


Seals = Callable[[int], tuple[str | None, str | None, str | None]]
"""Gives of an entry of the ledger the hash that it holds, the salt that opens it, and the proof."""


def doors_of(
    courts: Mapping[str, CourtSettings], relay: Relay | None, here: Mapping[str, CourtDoor]
) -> dict[str, tuple[CourtSettings, CourtDoor]]:
    """Return the way to each court; ``here`` holds the doors of those that this server serves.

    Raises:
        SettingsError: a key cannot be read, a secret is missing, or a mailbox is named and no mail server is set up.
    """
    found = {}
    for court_id, court in courts.items():
        try:
            check_key(court.key)
            found[court_id] = (court, here[court_id] if court.way == "here" else _door(court, relay))
        except (PackageError, ValueError) as error:
            raise SettingsError(f"The settings of the court {court_id} cannot be used: {error}") from None
    return found


def _door(court: CourtSettings, relay: Relay | None) -> CourtDoor:
    if not court.to:
        raise ValueError("to is missing: where its packages go.")
    if court.way == "folder":
        return Drop(Path(court.to))
    if court.way == "receiver":
        return Receiver(http_client(_HANDING), Endpoint(court.to, court.secret or ""))
    if relay is None:
        raise ValueError("A court has a mailbox, and delivery.mail is not set up.")
    return Mailbox(relay, court.to)


class FilingRoom:
    """Implements ``Filing``.

    Args:
        forms: the forms by name.
        policy_of: the jurisdiction of a person.
        doors: the ways to the courts, by court.
        books: her papers, and what was filed. dockets: of courts that are served here.
        seals: reads the ledger about entries of her diary.
        ledger: where it is written down that she filed.
        now_ms: the clock.
    """

    def __init__(
        self,
        forms: Mapping[str, PetitionForm],
        policy_of: Callable[[str], str],
        doors: Doors,
        books: SqlPapers,
        dockets: SqlDocket,
        seals: Seals,
        ledger: Ledger,
        now_ms: Callable[[], int],
    ) -> None:
        self._forms = forms
        self._policy_of = policy_of
        self._doors = doors
        self._books = books
        self._dockets = dockets
        self._seals = seals
        self._ledger = ledger
        self._now_ms = now_ms
        self._meter = Meter(*PER_PERSON)

    async def form(self, person_id: str) -> FormNow:
        """Return the form of her jurisdiction, the day at the court, and the courts that can be reached.

        Raises:
            RefusedError: there is none.
        """
        policy_id, day = self._policy_of(person_id), self._utc().date()
        # A variant of a policy, such as ``kr-city``, has the form of the policy.
        form = newest(self._forms, policy_id, day) or newest(self._forms, policy_id.partition("-")[0], day)
        if form is None:
            raise RefusedError(404, "no_form")
        named = {one.choice_id for one in form.question(form.venue.court).choices}
        open_ = [Open(court_id=name, way=court.way) for name, (court, _) in self._doors.items() if name in named]
        return FormNow(form=form, today=self._today(form), courts=open_)

    async def printed(self, person_id: str, given: Given) -> bytes:
        """Return a paper as PDF.

        Raises:
            RefusedError: it is not ready, or has no such paper.
        """
        self._admit(person_id)
        return await asyncio.to_thread(self._printed, person_id, given)

    def _admit(self, person_id: str) -> None:
        """Printing takes a good part of a second: nobody may keep the server at it."""
        if not self._meter.allow(person_id, self._now_ms()):
            raise RefusedError(429, "too_often", retry_after_s=self._meter.wait_s(person_id, self._now_ms()))

    def _printed(self, person_id: str, given: Given) -> bytes:
        papers, _ = self._papers(person_id, given)
        paper = papers.sealed if given.petition.sheet == "court-only" else papers.open
        if paper is None:
            raise RefusedError(404, "not_found")
        return printed(paper)

    async def standing(self, person_id: str, petition_id: str) -> Standing:
        """Return where a petition of hers stands.

        Raises:
            RefusedError: she filed none of this name, or its court keeps its docket elsewhere.
        """
        return await asyncio.to_thread(self._standing, person_id, petition_id)

    def _standing(self, person_id: str, petition_id: str) -> Standing:
        kept = self._books.filing(petition_id)
        row = None if kept is None or kept[0].person_id != person_id else self._dockets.of_petition(kept[0].court_id, petition_id)
        if row is None:
            raise RefusedError(404, "not_found")
        now_ms = self._now_ms()
        running = {one.clock: one.at_ms for one in dues(self._forms[row.form_id], row, now_ms, None)}
        return Standing(
            word=step_of(row, now_ms).value,
            hearing_ms=hearing_ms(row, now_ms),
            decided_ms=row.decided_ms,
            appeal_ms=running.get(Clock.APPEAL),
        )

    async def file(self, person_id: str, given: Given) -> Filed:
        """Seal a petition, keep the sealed package, hand it over, and keep the receipt.

        Raises:
            RefusedError: it is not ready, cannot be handed over from here, or was not taken.
        """
        court_id = str(given.petition.answers.get(self._form(given).venue.court, ""))
        if court_id not in self._doors:
            raise RefusedError(409, "no_way", "This court takes nothing from here: print the petition, sign it and bring it there.")
        self._admit(person_id)
        filing, package = await asyncio.to_thread(self._made, person_id, court_id, given)
        if filing.handed_ms is None:
            filing = await self._handed(filing, package)
        assert filing.handed_ms is not None
        return Filed(
            petition_id=filing.petition_id,
            court_id=court_id,
            way=filing.way,
            at_ms=filing.handed_ms,
            number=filing.number,
            sha256=filing.sha256,
            package=filing.name,
        )

    async def _handed(self, filing: Filing, package: Package) -> Filing:
        await self._write("filing", filing)
        try:
            receipt = await self._doors[filing.court_id][1].hand(package, self._now_ms())
        except NotHandedError as error:
            raise RefusedError(502, "not_handed", str(error)) from None
        done = msgspec.structs.replace(filing, handed_ms=receipt.at_ms, number=receipt.number)
        await asyncio.to_thread(self._books.put_filing, done, package.body)
        await self._write("filed", done)
        return done

    async def _write(self, act: str, filing: Filing) -> None:
        hers = Personal(filing.person_id, filing.person_id)
        line = Act(
            at_ms=self._now_ms(),
            act=act,
            what="petition",
            purpose="own_record",
            audience=Audience.PROTECTED.value,
            client=Client.BROWSER,
            who=hers,
            whose=(hers,),
            recipient=Personal(filing.person_id, f"court {filing.court_id}"),
            reason=Personal(filing.person_id, f"sha256 {filing.sha256}"),
        )
        try:
            await self._ledger.append(line)
        except LedgerUnavailableError:
            raise RefusedError(503, "not_stored", "It could not be written down. Try again.", retry_after_s=2) from None

    def _made(self, person_id: str, court_id: str, given: Given) -> tuple[Filing, Package]:
        """Return the filing that is kept under this name with the same content, or seal it anew and keep it."""
        petition_id, content = given.petition.petition_id, hashlib.sha256(given.whole).digest()
        kept = self._books.filing(petition_id)
        if kept is not None:
            filing, body = kept
            if filing.person_id != person_id or (filing.handed_ms is not None and filing.content != content):
                raise RefusedError(409, "filed", "A petition of this name was filed already.")
            if filing.content == content:
                return filing, Package(petition_id, filing.court_id, filing.name, body, filing.sha256)
        papers, bodies = self._papers(person_id, given)
        try:
            package = packed(papers, bodies, self._doors[court_id][0].key)
        except PackageError as error:
            raise RefusedError(409, "no_package", str(error)) from None
        filing = Filing(
            petition_id=petition_id,
            person_id=person_id,
            court_id=court_id,
            way=self._doors[court_id][0].way,
            content=content,
            name=package.name,
            sha256=package.sha256,
            made_ms=self._now_ms(),
        )
        self._books.put_filing(filing, package.body)
        return filing, package

    def _papers(self, person_id: str, given: Given) -> tuple[Papers, dict[str, bytes]]:
        form = self._form(given)
        answers = given.petition.answers
        if not standing(form, answers, self._today(form)).ready:
            raise RefusedError(409, "not_ready", "Something is missing, or must be mended first.")
        exhibits = self._exhibits(person_id, given, form.court_language)
        if len({one.name for one, _ in exhibits}) < len(exhibits):
            raise RefusedError(400, "unreadable", "Two exhibits have one name.")
        only = tuple(one for one, _ in exhibits)
        papers = written(form, filed(form, answers), petition_id=given.petition.petition_id, day=self._today(form), exhibits=only)
        return papers, {one.name: body for one, body in exhibits}

    def _exhibits(self, person_id: str, given: Given, language: str) -> list[tuple[Exhibit, bytes]]:
        """Return the exhibits; those of her diary with the time at which they were sealed, and what proves it."""
        found: list[tuple[Exhibit, bytes]] = []
        seals: list[Seal] = []
        for adding, (one, body) in zip(given.petition.exhibits, exhibits_of(given), strict=True):
            kept = None if adding.paper is None else self._books.paper(person_id, adding.paper)
            if kept is None or kept.entry is None:
                found.append((one, body))
                continue
            found.append((msgspec.structs.replace(one, made_ms=kept.at_ms), body))
            hash_, salt, proof = self._seals(kept.entry)
            seals.append(Seal(exhibit=one.name, at_ms=kept.at_ms, entry=kept.entry, sha256=hash_ or "", salt=salt, proof=proof))
        if seals:
            body = msgspec.json.format(msgspec.json.encode(seals), indent=1)
            found.append((exhibit(SEALS, ABOUT_SEALS[language], "application/json", body), body))
        return found

    def _form(self, given: Given) -> PetitionForm:
        form = self._forms.get(given.petition.form_id)
        if form is None:
            raise RefusedError(404, "no_form")
        return form

    def _utc(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._now_ms() / 1000, dt.UTC)

    def _today(self, form: PetitionForm) -> dt.date:
        return self._utc().astimezone(ZoneInfo(form.time_zone)).date()

    async def close(self) -> None:
        """Close the ways."""
        await asyncio.gather(*(door.close() for _, door in self._doors.values()))


def seals_of(reader: Callable[[], LedgerReader]) -> Seals:
    """Return what reads an entry of the ledger; ``reader`` opens the ledger, which may not be there."""

    def read(entry: int) -> tuple[str | None, str | None, str | None]:
        found = reader()
        try:
            opening = next((one for one in found.openings(entry) if one.field == "reason"), None)
            with contextlib.suppress(LookupError):
                return (*_opened(opening), str(found.proof(entry)))
            return (*_opened(opening), None)
        finally:
            found.close()

    return read


def _opened(opening: Opening | None) -> tuple[str | None, str | None]:
    return (None, None) if opening is None else (opening.value.removeprefix("sha256 "), opening.salt.hex())
