"""The command line's petitions: check answers, print papers, pack them for a court, open a package. Nothing is sent and nothing is kept."""

from __future__ import annotations

import datetime as dt
import mimetypes
import secrets
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from jikimi.model.petition import Answer, Answers, PetitionForm, Texts
from jikimi.petitions.answers import Standing, filed, standing
from jikimi.petitions.document import Document, Exhibit, Papers, data, written
from jikimi.petitions.glyphs import FontsMissingError
from jikimi.petitions.package import PackageError, exhibit, opened, packed
from jikimi.petitions.sheet import printed
from jikimi.policy.petitions import forms
from jikimi.runtime.commands import fail, say


class Attached(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that goes with a petition: where it lies, beside the petition's own file, and what it shows."""

    file: str
    about: str


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A petition as a file: the form it is written on, the answers by question, and what is attached."""

    form: str
    answers: dict[str, str | bool | list[str]]
    exhibits: list[Attached] = []


def check(file: Path, day: dt.date | None, language: str) -> None:
    """Say what keeps a petition from being filed, in plain words; nothing where nothing does."""
    form, answers, _ = _read(file)
    for line in lines_of(form, standing(form, answers, _today(form, day)), language):
        say(line)


def lines_of(form: PetitionForm, found: Standing, language: str) -> list[str]:
    """Return what stands in the way, a line each, in a language of the form."""
    told = language if language in form.languages else form.court_language
    ask = {one.question_id: one.ask[told] for one in form.questions()}
    lines = [f"missing     {ask[one.question_id]}" for one in found.missing]
    lines += [f"{one.fault.value:<12}{ask.get(one.question_id, one.question_id)}" for one in found.wrong]
    lines += [f"to mend     {one.check.say[told]}" for one in found.mend]
    for stop in found.stops:
        lines.append(f"stopped     {stop.check.say[told]}" + (f" ({stop.last_day})" if stop.last_day is not None else ""))
        lines += [f"  other way {_way(one.say, one.call, told)}" for one in form.ways if one.way_id in stop.check.ways]
    if found.opens is not None:
        lines.append(f"opens       {found.opens}")
    return lines + (["closed      this edition of the form is no longer filed"] if found.closed else [])


def _way(texts: Texts, call: str | None, language: str) -> str:
    return texts[language] if call is None else f"{texts[language]} ({call})"


def print_papers(file: Path, to: Path, day: dt.date | None) -> None:
    """Print the papers of a petition into a folder: for a court that takes paper."""
    papers, _ = _papers(file, day)
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, paper in (("petition", papers.open), ("court-only", papers.sealed)):
        if paper is not None:
            (to / f"{name}.pdf").write_bytes(_printed(paper))
            (to / f"{name}.json").write_bytes(data(paper))
            say(f"printed     {to / name}.pdf")


def pack(file: Path, court_key: str, to: Path, day: dt.date | None) -> None:
    """Pack a petition into a folder, sealed to a court's public key."""
    papers, bodies = _papers(file, day)
    try:
        package = packed(papers, bodies, court_key)
    except (PackageError, FontsMissingError) as error:
        raise fail(str(error)) from error
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    (to / package.name).write_bytes(package.body)
    say(f"packed      {to / package.name}")
    say(f"SHA-256     {package.sha256}")


def open_package(file: Path, key_file: Path, to: Path) -> None:
    """Open a package with the court's secret key, check every hash, and write what is in it into a folder."""
    try:
        found = opened(file.read_bytes(), key_file.read_text(encoding="utf-8").strip().splitlines()[-1])
    except (OSError, UnicodeDecodeError, IndexError) as error:
        raise fail("The package or the key cannot be read.") from error
    except PackageError as error:
        raise fail(str(error)) from error
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, body in {**found.sheets, **found.exhibits}.items():
        (to / name).write_bytes(body)
        say(f"wrote       {to / name}")


def _papers(file: Path, day: dt.date | None) -> tuple[Papers, Mapping[str, bytes]]:
    form, answers, attached = _read(file)
    today = _today(form, day)
    found = standing(form, answers, today)
    if not found.ready:
        raise fail("The petition cannot be filed yet:\n" + "\n".join(lines_of(form, found, form.court_language)))
    exhibits = [_exhibit(file.parent / one.file, one.about) for one in attached]
    papers = written(form, filed(form, answers), petition_id=secrets.token_hex(8), day=today, exhibits=tuple(one for one, _ in exhibits))
    return papers, {one.name: body for one, body in exhibits}


def _exhibit(path: Path, about: str) -> tuple[Exhibit, bytes]:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise fail(f"{path}: the exhibit cannot be read.") from error
    return exhibit(path.name, about, mimetypes.guess_type(path.name)[0] or "application/octet-stream", body), body


def _read(file: Path) -> tuple[PetitionForm, Answers, list[Attached]]:
    try:
        read = msgspec.json.decode(file.read_bytes(), type=Written)
    except OSError as error:
        raise fail(f"{file}: the file cannot be read.") from error
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise fail(f'{file}: expected {{"form": …, "answers": {{…}}, "exhibits": […]}} in JSON.') from error
    known = forms()
    if read.form not in known:
        raise fail(f"There is no form {read.form}; known are {', '.join(known)}.")
    answers: dict[str, Answer] = {name: tuple(one) if isinstance(one, list) else one for name, one in read.answers.items()}
    return known[read.form], answers, read.exhibits


def _printed(paper: Document) -> bytes:
    try:
        return printed(paper)
    except FontsMissingError as error:
        raise fail(str(error)) from error


def _today(form: PetitionForm, day: dt.date | None) -> dt.date:
    return day if day is not None else dt.datetime.now(ZoneInfo(form.time_zone)).date()
