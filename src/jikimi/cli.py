"""The command line. Heavy imports happen inside the commands: `jikimi --help` must be instant."""

from __future__ import annotations

import io
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from jikimi import __version__

app = App(name="jikimi", help="Court-ordered proximity protection.", version=__version__)
device = App(name="device", help="Tags, handsets and gateways.")
order = App(name="order", help="Orders in force.")
policy = App(name="policy", help="A jurisdiction's numbers.")
basemap = App(name="basemap", help="The map under the positions. Nothing is ever fetched from outside.")
staff = App(name="staff", help="Accounts of staff and their roles.")
staff_passkeys = App(name="passkeys", help="Passkeys of staff.")
staff.command(staff_passkeys)
petition = App(name="petition", help="Petitions for a protection order. Nothing is sent.")
address = App(name="address", help="Where recipients of notices are reached beside their open pages.")
ledger = App(name="ledger", help="Who was shown what of whom, and the proof that nobody changed it since.")
subject = App(name="subject", help="What a monitored person is told on his request.")
outcomes = App(name="outcomes", help="What protection did: findings, the public report, rows for research.")
second = App(name="second", help="What one member of staff may not do alone: requests that wait for two accounts at their screens.")
retention = App(name="retention", help="How long what is kept, and what courts hold back.")
court = App(name="court", help="Courts that this server serves: their keys, and what they still lack.")
for part in (device, order, policy, basemap, staff, address, ledger, petition, court, subject, outcomes, second, retention):
    app.command(part)

Config = Annotated[Path | None, Parameter(name="--config", help="Settings file (TOML). JIKIMI_… variables win over it.")]
FileOrInput = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file, or "-" for standard input."""
Seen = Literal["resident_card", "driving_licence", "passport", "residence_card", "photo_card", "in_person"]
"""The kinds of documents by which somebody may be known."""
YesNo = Literal["yes", "no", "unknown"]
StaffRole = Literal[
    "operator", "supervisor", "tag_officer", "police", "court", "court_clerk", "auditor", "data_protection", "administrator"
]


def fail(sentence: str) -> None:
    """Say what is wrong, to whoever can mend it, and end with status 1."""
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(1)


@app.command
def serve(*, config: Config = None) -> None:
    """Run the server: the devices' door, the protected person's app and the desk, each on its own port."""
    from jikimi.runtime import commands

    commands.serve(config)


@app.command
def demo(*, config: Config = None, story: Literal["munich", "seoul", "both"] = "both", pace: float | None = None) -> None:
    """Run a server on made-up orders and play recorded and simulated movement to it, for ever.

    Args:
        story: which story; both run side by side.
        pace: story time over wall time; each story has its own.
    """
    from jikimi.runtime import demonstration

    demonstration.run(config, story, pace)


@device.command(name="add")
def device_add(
    *,
    kind: Literal["tag", "handset", "gateway"],
    person: str | None = None,
    device_id: Annotated[str | None, Parameter(name="--device")] = None,
    behind: str | None = None,
    known_as: str | None = None,
    order_id: Annotated[str | None, Parameter(name="--order")] = None,
    by: str = "command line",
    config: Config = None,
) -> None:
    """Register a device and print its credential, once.

    Args:
        kind: what it is; a gateway is a server that forwards for many devices.
        person: who carries it (not for a gateway).
        device_id: its name; one is made up if none is given.
        behind: the gateway that may speak for it.
        known_as: the name under which that gateway knows it (Traccar's uniqueId).
        order_id: the order under which it is given out; from then on it must be heard within the time of the table of durations.
        by: who gave it out.
    """
    from jikimi.runtime import counter

    counter.device_add(config, kind, person, device_id, behind, known_as, order_id, by)


@device.command(name="revoke")
def device_revoke(device_id: str, /, *, by: str = "command line", reason: str | None = None, config: Config = None) -> None:
    """Believe a device no longer, and wait for it no longer. To unpair a tag or a gateway two accounts are asked.

    Args:
        device_id: which device.
        by: who took it back; for a tag or a gateway, the account that asks.
        reason: why; needed for a tag or a gateway, and names nobody.
    """
    from jikimi.runtime import counter

    counter.device_revoke(config, device_id, by, reason)


@device.command(name="rotate")
def device_rotate(
    device_id: str, /, *, overlap_h: float = 24.0, by: str = "command line", reason: str | None = None, config: Config = None
) -> None:
    """Give a device a new secret and print it, once; the old one is believed a while longer. Of a tag or a gateway two accounts are asked.

    Args:
        device_id: which device.
        overlap_h: hours for which the old secret is still believed; 0 where it may have been stolen.
        by: who changes it; for a tag or a gateway, the account that asks.
        reason: why; needed for a tag or a gateway, and names nobody.
    """
    from jikimi.runtime import counter

    counter.device_rotate(config, device_id, overlap_h, by, reason)


@order.command(name="add")
def order_add(
    *,
    policy_id: Annotated[str, Parameter(name="--policy")],
    monitored: str,
    protected: list[str],
    basis: str,
    days: float,
    owner: str,
    article: str | None = None,
    distance_m: float | None = None,
    alert_m: float | None = None,
    place: list[str] | None = None,
    region: str | None = None,
    tagged: bool = True,
    monitored_is: FileOrInput | None = None,
    config: Config = None,
) -> None:
    """Enter an order. `jikimi invite` then gives each protected person the code for her app.

    Args:
        policy_id: whose numbers apply (kr, es, fr, or one of your own).
        monitored: the person who must stay away.
        protected: a person protected; may be given several times.
        basis: the kind of order in the policy's table of durations, such as kr-provisional.
        days: how long it is in force from now on.
        owner: the member of staff who answers for it.
        article: the article the order rests on, as the court cites it; the table's if not given.
        distance_m: the no-approach distance the court set.
        alert_m: the alert distance the judge set, where the law asks for one.
        place: a place protected; may be given several times. A circle is KIND:LATITUDE,LONGITUDE,RADIUS (metres), an area
            "KIND:LATITUDE,LONGITUDE LATITUDE,LONGITUDE …" with three corners or more in the order of a walk around it, or
            KIND:@FILE, a GeoJSON file with one Polygon. KIND is home, work, school, shelter or other.
        region: where the court is, by its code of ISO 3166-2 such as KR-11; for the public figures alone.
        tagged: --no-tagged for an order that carries no tag.
        monitored_is: a JSON file that says who must stay away (docs/register.md), or - for standard input: by it two records of one man
            are found. Only keyed marks of it are kept.
    """
    from jikimi.runtime import counter

    places = place or []
    counter.order_add(
        config,
        policy_id,
        monitored,
        protected,
        basis,
        article,
        owner,
        days,
        distance_m,
        alert_m,
        places,
        region=region,
        tagged=tagged,
        monitored_is=monitored_is,
    )


@order.command(name="identify")
def order_identify(order_id: str, /, *, monitored_is: FileOrInput, by: str, monitored: str | None = None, config: Config = None) -> None:
    """Say who must stay away under an order, where that was not known when it was entered, and compare him with everybody once more.

    Args:
        order_id: which order.
        monitored_is: a JSON file that says who he is (docs/register.md), or - for standard input. Only keyed marks of it are kept.
        by: who says it.
        monitored: his record name, where the order binds several.
    """
    from jikimi.runtime import counter

    counter.order_identify(config, order_id, monitored_is, monitored, by)


@order.command(name="end")
def order_end(
    order_id: str, /, *, by: str, reason: str, how: Literal["revoke", "acquit", "dismiss"] = "revoke", config: Config = None
) -> None:
    """Propose to end an order now. Once one account adopted that at its screen and another one confirmed it, it ends.

    Args:
        order_id: which order.
        by: the account that asks: a supervisor's or a tag officer's.
        reason: why; names nobody.
        how: revoked by a court, or ended by acquittal or dismissal.
    """
    from jikimi.runtime import counter

    counter.order_end(config, order_id, how, by, reason)


@order.command(name="extend")
def order_extend(
    order_id: str, /, *, last_day: date, by: str, reason: str, measure: list[str] | None = None, config: Config = None
) -> None:
    """Extend an order's measures.

    Args:
        order_id: which order.
        last_day: the new last day, as 2026-06-01.
        by: who enters it.
        reason: why; names nobody.
        measure: a measure by its name in the order; all that have an end if none is given.
    """
    from jikimi.runtime import counter

    counter.order_extend(config, order_id, last_day, measure or [], by, reason)


@order.command(name="suspend")
def order_suspend(order_id: str, /, *, by: str, reason: str, config: Config = None) -> None:
    """Propose to let an order rest. Once one account adopted that at its screen and another one confirmed it, it does.

    Args:
        order_id: which order.
        by: the account that asks: a supervisor's or a tag officer's.
        reason: why; names nobody.
    """
    from jikimi.runtime import counter

    counter.order_suspend(config, order_id, by, reason)


@order.command(name="resume")
def order_resume(order_id: str, /, *, by: str, reason: str, config: Config = None) -> None:
    """Let a suspended order hold again.

    Args:
        order_id: which order.
        by: who enters it.
        reason: why; names nobody.
    """
    from jikimi.runtime import counter

    counter.order_resume(config, order_id, by, reason)


@order.command(name="permit")
def order_permit(order_id: str, file: Path, /, *, by: str, config: Config = None) -> None:
    """Set the allowed meetings of an order, in place of those before, and say what is doubtful in them.

    Args:
        order_id: which order.
        file: a JSON list of meetings; docs/register.md.
        by: who enters them.
    """
    from jikimi.runtime import counter

    counter.order_permit(config, order_id, file, by)


@order.command(name="step")
def order_step(order_id: str, step: Literal["notified", "fitted", "drill_done"], /, *, by: str, config: Config = None) -> None:
    """Note that a step on the way to protection was done.

    Args:
        order_id: which order.
        step: she was told of the order, he wears the tag, or she has tried the call for help.
        by: who did it.
    """
    from jikimi.runtime import counter

    counter.order_step(config, order_id, step, by)


@second.command(name="list")
def second_list(*, config: Config = None) -> None:
    """Print the newest requests and what became of them."""
    from jikimi.runtime import second as two

    two.show(config)


@second.command(name="wait")
def second_wait(number: int, /, *, config: Config = None) -> None:
    """Wait until a request was settled by two accounts at their screens. Ends with 1 where it was not confirmed.

    Args:
        number: the request's.
    """
    from jikimi.runtime import second as two

    two.wait(config, number)


@address.command(name="set")
def address_set(
    recipient: str, channel: Literal["sms", "sms_http", "voice", "email"], /, *, by: str = "command line", config: Config = None
) -> None:
    """Keep where a person, a member of staff or an agency is reached; the address is read from standard input.

    Args:
        recipient: the person, the account, or the agency of the policy (police).
        channel: the channel, as docs/delivery.md names it.
        by: who enters it.
    """
    from jikimi.runtime import reach

    reach.put(config, recipient, channel, sys.stdin.readline().strip(), by)


@address.command(name="drop")
def address_drop(recipient: str, channel: str, /, *, by: str = "command line", config: Config = None) -> None:
    """Forget where somebody is reached on a channel.

    Args:
        recipient: as it was set.
        channel: the channel.
        by: who forgets it.
    """
    from jikimi.runtime import reach

    reach.drop(config, recipient, channel, by)


@app.command
def invite(
    person: str,
    /,
    *,
    order_id: Annotated[str, Parameter(name="--order")],
    seen: Seen,
    by: str,
    config: Config = None,
) -> None:
    """Give a protected person a code for her app, once you made sure who she is. A phone that she has signed in on is turned off by it.

    Args:
        person: who; the order names her as protected.
        order_id: the order that protects her.
        seen: the kind of document that you saw, or in_person where you know her. No number of a document is kept.
        by: who made sure.
    """
    from jikimi.runtime import guests

    guests.invite(config, person, order_id, seen, by)


@app.command(name="clear-pin")
def clear_pin(
    person: str,
    /,
    *,
    order_id: Annotated[str, Parameter(name="--order")],
    seen: Seen,
    by: str,
    config: Config = None,
) -> None:
    """Take away the PIN of a protected person's app that she forgot, once you made sure who she is. Her phone stays signed in.

    Args:
        person: who; the order names her as protected.
        order_id: the order that protects her.
        seen: the kind of document that you saw, or in_person where you know her. No number of a document is kept.
        by: who made sure.
    """
    from jikimi.runtime import guests

    guests.clear_pin(config, person, order_id, seen, by)


@app.command(name="waive-passkey")
def waive_passkey(
    person: str,
    /,
    *,
    order_id: Annotated[str, Parameter(name="--order")],
    why: Literal["old_phone", "no_passkeys", "cannot", "ended"],
    by: str,
    config: Config = None,
) -> None:
    """Let a protected person see the map on a phone without a passkey, where her policy demands one; it stands in the ledger.

    Args:
        person: who; the order names her as protected.
        order_id: the order that protects her.
        why: the kind of reason; ended: a passkey is demanded again.
        by: who decided it.
    """
    from jikimi.runtime import guests

    guests.waive_passkey(config, person, order_id, why, by)


@app.command
def decline(person: str, /, *, order_id: Annotated[str, Parameter(name="--order")], by: str, config: Config = None) -> None:
    """Note that a protected person will not take part: nobody follows her, and her officer has a task at once. She may come back.

    Args:
        person: who; the order names her as protected.
        order_id: the order that protects her.
        by: whom she told.
    """
    from jikimi.runtime import guests

    guests.decline(config, person, order_id, by)


@staff.command(name="add")
def staff_add(name: str, /, *, role: StaffRole, court: list[str] | None = None, by: str | None = None, config: Config = None) -> None:
    """Make an account, and print a pairing code if its role has an app to sign in to.

    Args:
        name: the account's name.
        role: what the account is for; docs/identity.md says what each may do.
        court: of a judge or a clerk, a court whose petitions the account sees, by its name in the form; may be given several times.
        by: the administrator who adds it; not given for the first account, which is an administrator's.
    """
    from jikimi.runtime import staff as accounts

    accounts.add(config, name, role, by, court or [])


@staff.command(name="code")
def staff_code(name: str, /, *, by: str, config: Config = None) -> None:
    """Print a new pairing code for an account.

    Args:
        name: the account's name.
        by: the administrator who gives it.
    """
    from jikimi.runtime import staff as accounts

    accounts.code(config, name, by)


@staff.command(name="role")
def staff_role(name: str, role: StaffRole, /, *, by: str | None = None, config: Config = None) -> None:
    """Give an account another role, and end its sessions.

    Args:
        name: the account's name.
        role: its new role.
        by: the administrator who does so; not given where the server has none yet and this account becomes it.
    """
    from jikimi.runtime import staff as accounts

    accounts.role(config, name, role, by)


@staff.command(name="courts")
def staff_courts(name: str, /, *, court: list[str] | None = None, by: str, config: Config = None) -> None:
    """Say to which courts a judge or a clerk belongs, in place of those before, and end the account's sessions.

    Args:
        name: the account's name.
        court: a court, by its name in the form such as seoul-central; may be given several times, or not at all.
        by: the administrator who does so.
    """
    from jikimi.runtime import staff as accounts

    accounts.courts(config, name, court or [], by)


@staff.command(name="disable")
def staff_disable(name: str, /, *, by: str, config: Config = None) -> None:
    """End an account for good, with its sessions and open screens.

    Args:
        name: the account's name.
        by: the administrator who does so.
    """
    from jikimi.runtime import staff as accounts

    accounts.disable(config, name, by)


@staff.command(name="unlock")
def staff_unlock(name: str, /, *, by: str, config: Config = None) -> None:
    """Let an account that was locked after too many failures sign in again.

    Args:
        name: the account's name.
        by: the administrator who does so.
    """
    from jikimi.runtime import staff as accounts

    accounts.unlock(config, name, by)


@staff_passkeys.command(name="list")
def staff_passkeys_list(name: str, /, *, config: Config = None) -> None:
    """List an account's passkeys: the name each is taken away by, when it was made and when it was last used.

    Args:
        name: the account's name.
    """
    from jikimi.runtime import staff as accounts

    accounts.passkeys(config, name)


@staff_passkeys.command(name="remove")
def staff_passkeys_remove(name: str, passkey: str, /, *, by: str, config: Config = None) -> None:
    """Take one passkey of an account away, and end all its sessions. A new code lets it make another one.

    Args:
        name: the account's name.
        passkey: the passkey, as the list names it.
        by: the administrator who does so.
    """
    from jikimi.runtime import staff as accounts

    accounts.remove_passkey(config, name, passkey, by)


@staff.command(name="list")
def staff_list(*, config: Config = None) -> None:
    """List all accounts with their roles."""
    from jikimi.runtime import staff as accounts

    accounts.show(config)


@app.command
def leaflet(to: Path, /, *, language: str = "en", number: str = "112") -> None:
    """Make a leaflet, a poster and a ten-minute course from the texts of her app, as HTML and PDF.

    Args:
        to: a folder.
        language: ko, en, zh-Hans, vi, th, ja, ru, es, fr or ar.
        number: the emergency number.
    """
    from jikimi.runtime import leaflets

    leaflets.make(to, language, number)


@app.command
def rings(
    *,
    policy_id: Annotated[str, Parameter(name="--policy")],
    distance_m: float | None = None,
    alert_m: float | None = None,
    place: bool = False,
    police_s: float | None = None,
    trips_a_day: float | None = None,
    city_radius_m: float | None = None,
    trip_m: float | None = None,
    json: bool = False,
    config: Config = None,
) -> None:
    """Say what an order's distances are worth: seconds of warning, pass-bys, and what the police need.

    Args:
        policy_id: whose numbers apply (kr, es, fr, or one of your own).
        distance_m: the no-approach distance of the order.
        alert_m: the alert distance, where the law asks for one.
        place: about a place instead of a person.
        police_s: how long the local police need to her, in seconds. This and the next three: the policy's own if not given.
        trips_a_day: how many ways he goes in a day.
        city_radius_m: radius of the city in which he goes them.
        trip_m: mean length of such a way.
        json: print JSON instead of a table.
    """
    from jikimi.runtime import rings as worth

    told = {
        "distance_m": distance_m,
        "alert_m": alert_m,
        "police_s": police_s,
        "trips_a_day": trips_a_day,
        "city_radius_m": city_radius_m,
        "trip_m": trip_m,
    }
    worth.show(config, policy_id, told, place=place, as_json=json)


@app.command
def replay(case: str | None = None, /, *, config: Config = None) -> None:
    """Run the journal through the core again and compare its decisions byte by byte.

    Args:
        case: an order or a pair; all of the journal if none is named.
    """
    from jikimi.runtime import commands

    commands.replay(config, case)


@app.command
def score(
    *,
    tracks: Path | None = None,
    seeds: int = 6,
    fresh: bool = False,
    only: list[str] | None = None,
    preset: Literal["kr", "es", "fr"] = "kr",
    judge: list[str] | None = None,
    out: Path = Path("bench"),
) -> None:
    """Score the decisions: misses, false alarms and lead times beside those of others. docs/scoring.md explains each number.

    Args:
        tracks: a folder of recorded tracks, one CSV a person; without it the scenario suite is played.
        seeds: how many times the suite is drawn.
        fresh: draw it from seeds that nobody has seen.
        only: these stories alone.
        preset: whose rules.
        judge: also score this judge of your own, as module:attribute; docs/scoring.md has the interface.
        out: the folder for score.json and score.html.
    """
    try:
        from jikimi.scenarios.score import command
    except ModuleNotFoundError as error:
        fail(f'Scoring needs {error.name}: install jikimi with its extra "score".')
    if seeds < 1:
        fail("--seeds must be 1 or more.")
    if not out.is_dir():
        fail(f"{out} is no folder: make it, or name another with --out.")
    try:
        if tracks is not None:
            command.score_recorded(tracks, foreign=judge or (), out=out)
        else:
            command.score(seeds=seeds, fresh=fresh, only=only, name=preset, foreign=judge or (), out=out)
    except ValueError as error:
        fail(str(error))


@app.command
def decode(protocol: str, /, *, query: str = "", content_type: str | None = None, key: str | None = None) -> None:
    """Decode a payload from standard input; print its fixes and events as JSON lines, or what is wrong in one sentence.

    Ends with 1 where nothing of it can be read, as the devices' door answers 400; what is refused of a good one is said beside it.

    Args:
        protocol: native, osmand, owntracks, overland or traccar.
        query: the part of the URL after the question mark, for OsmAnd's query form.
        content_type: as the request would say; application/x-ndjson for native lines.
        key: the device's encryption key, for an encrypted OwnTracks payload.
    """
    from jikimi.runtime import commands

    commands.decode(protocol, query, content_type, key)


@policy.command(name="check")
def policy_check(file: Path, /) -> None:
    """Check a policy file, or a jurisdiction's whole folder; print each defect with its line and the reason.

    Args:
        file: the policy, a TOML file; or the folder with a jurisdiction's policies and tables (docs/adopting.md).
    """
    from jikimi.policy.check import check

    lines = check(file)
    if lines:
        fail("\n".join(lines))
    sys.stdout.write(f"{file}: nothing is wrong.\n")


@petition.command(name="check")
def petition_check(file: Path, /, *, day: date | None = None, language: str = "en") -> None:
    """Say what keeps a petition from being filed; print nothing where nothing does.

    Args:
        file: the answers, a JSON file; docs/petitions.md.
        day: the day of filing, as 2027-06-01; today if not given.
        language: of the sentences, where the form has it.
    """
    from jikimi.runtime import petitions

    petitions.check(file, day, language)


@petition.command(name="print")
def petition_print(file: Path, to: Path, /, *, day: date | None = None) -> None:
    """Print a petition's papers as PDF, for a court that takes paper: one that is served on him, one that is not.

    Args:
        file: the answers, a JSON file.
        to: the folder for the papers.
        day: the day of filing; today if not given.
    """
    from jikimi.runtime import petitions

    petitions.print_papers(file, to, day)


@petition.command(name="pack")
def petition_pack(file: Path, to: Path, /, *, court_key: str, day: date | None = None) -> None:
    """Pack a petition with its exhibits into one file that only the court opens.

    Args:
        file: the answers, a JSON file.
        to: the folder for the package.
        court_key: the court's public key, as age writes it.
        day: the day of filing; today if not given.
    """
    from jikimi.runtime import petitions

    petitions.pack(file, court_key, to, day)


@petition.command(name="open")
def petition_open(file: Path, to: Path, /, *, key: Path) -> None:
    """Open a package at the court, check every hash, and write its papers and exhibits into a folder.

    Args:
        file: the package.
        to: the folder for what is in it.
        key: the file with the court's secret key.
    """
    from jikimi.runtime import petitions

    petitions.open_package(file, key, to)


@court.command(name="key")
def court_key(name: str, file: Path, /, *, config: Config = None) -> None:
    """Make a court's key, and print what belongs into the settings.

    Args:
        name: the court's, as a form names it.
        file: where the secret key goes: outside the data folder, and never over another key.
    """
    from jikimi.runtime import courtroom

    courtroom.make_key(config, name, file)


@court.command(name="list")
def court_list(*, config: Config = None) -> None:
    """Print each court of the settings, how petitions reach it, and what it still lacks."""
    from jikimi.runtime import courtroom

    courtroom.show(config)


@basemap.command(name="build")
def basemap_build(*, config: Config = None) -> None:
    """Build the demonstration's map of Korea from installed packages and the project's own data."""
    from jikimi.runtime import commands

    commands.basemap_build(config)


@basemap.command(name="install")
def basemap_install(file: Path, /, *, config: Config = None) -> None:
    """Install a PMTiles file of your own as the base map.

    Args:
        file: the map.
    """
    from jikimi.runtime import commands

    commands.basemap_install(config, file)


@basemap.command(name="info")
def basemap_info(*, config: Config = None) -> None:
    """Say what the installed base map holds."""
    from jikimi.runtime import commands

    commands.basemap_info(config)


@ledger.command(name="verify")
def ledger_verify(path: Path, /, *, key: str | None = None, witness: list[str] | None = None, known: list[Path] | None = None) -> None:
    """Check an export, or the proof of one entry; needs no server. Ends with 2 where something was tampered with.

    Args:
        path: the folder of an export, or a .tlog-proof file.
        key: the ledger's public key as you were given it; without it, the one in the export is taken, which proves less.
        witness: the public key of a witness that must have signed; may be given several times.
        known: a checkpoint you kept from an earlier time; may be given several times.
    """
    from jikimi.runtime import ledger as ledgers

    ledgers.run_verify(path, key, witness or [], known or [])


@ledger.command(name="export")
def ledger_export(folder: Path, /, *, about: list[str] | None = None, opened: bool = False, config: Config = None) -> None:
    """Write the ledger, up to its newest checkpoint, into a new folder. It names nobody unless you ask for it.

    Args:
        folder: the new folder.
        about: a person or an order: show what their entries say. May be given several times.
        opened: show what all entries say.
    """
    from jikimi.runtime import ledger as ledgers

    ledgers.run_export(config, folder, about or [], opened=opened)


@ledger.command(name="proof")
def ledger_proof(entry: int, /, *, config: Config = None) -> None:
    """Print the proof that an entry is in the ledger, to be kept in a .tlog-proof file.

    Args:
        entry: its number, from 0.
    """
    from jikimi.runtime import ledger as ledgers

    ledgers.run_proof(config, entry)


@ledger.command(name="request")
def ledger_request(*, old: int = 0, config: Config = None) -> None:
    """Print what a witness is asked with.

    Args:
        old: how many entries it signed last.
    """
    from jikimi.runtime import ledger as ledgers

    ledgers.run_request(config, old)


@ledger.command(name="cosign")
def ledger_cosign(path: Path, /, *, name: str, folder: Path, key: str) -> None:
    """As a witness: sign the newest checkpoint if it holds all you signed before. Ends with 2 where the ledger was changed.

    Args:
        path: the folder of an export, or what `jikimi ledger request` printed.
        name: your name as a witness, such as witness.example/1.
        folder: where your key and what you signed last are kept; made when missing.
        key: the ledger's public key as you were given it.
    """
    from jikimi.runtime import ledger as ledgers

    ledgers.run_cosign(path, folder, name, key)


@outcomes.command(name="found")
def outcomes_found(
    incident_id: str,
    /,
    *,
    by: str,
    breach: YesNo | None = None,
    arrested: YesNo | None = None,
    false: YesNo | None = None,
    harm: Literal["none", "threatened", "hurt", "killed", "unknown"] | None = None,
    config: Config = None,
) -> None:
    """Enter what was found out about an incident afterwards. What is not given stays as it was.

    Args:
        incident_id: which incident.
        by: the account that enters it: an operator's or a supervisor's.
        breach: whether he broke the order.
        arrested: whether he was arrested for it.
        false: whether the alarm was judged false.
        harm: the worst that happened to her.
    """
    from jikimi.runtime import outcomes as counted

    counted.enter(config, incident_id, by, breach=breach, arrested=arrested, false=false, harm=harm)


@outcomes.command(name="dropped")
def outcomes_dropped(order_id: str, /, *, person: str, why: str, by: str, config: Config = None) -> None:
    """Enter why a protected person declined or left, where she cared to say.

    Args:
        order_id: under which order.
        person: who.
        why: no_need, afraid_of_him, false_alarms, burden, distrust, moved_away or other.
        by: the account that enters it.
    """
    from jikimi.runtime import outcomes as counted

    counted.drop(config, order_id, person, why, by)


@outcomes.command(name="report")
def outcomes_report(
    folder: Path,
    /,
    *,
    policy_id: Annotated[str, Parameter(name="--policy")],
    year: int,
    quarter: Literal[1, 2, 3, 4] | None = None,
    config: Config = None,
) -> None:
    """Write the public report of a year, or of a quarter with noise: a page and a table. Made once, and the same ever after.

    Args:
        folder: where both files go.
        policy_id: the jurisdiction.
        year: which year.
        quarter: a quarter of it; without it the whole year.
    """
    from jikimi.runtime import outcomes as counted

    counted.report(config, folder, policy_id, year, quarter)


@outcomes.command(name="research")
def outcomes_research(
    file: Path,
    /,
    *,
    agreement: Path,
    signature: Path,
    by: str,
    reason: str | None = None,
    request: int | None = None,
    config: Config = None,
) -> None:
    """Write rows for research into a new file, on an agreement that the ministry signed. Two accounts are asked first.

    Args:
        file: the new file, a table.
        agreement: the agreement, a TOML file.
        signature: its signature, base64.
        by: the account that asks: an auditor's or a data protection officer's.
        reason: why; it stands in the ledger before anything is read.
        request: the number of a request for this that was confirmed. It is used up.
    """
    from jikimi.runtime import outcomes as counted

    counted.research(config, file, agreement, signature, by, reason, request)


@retention.command(name="status")
def retention_status(*, config: Config = None) -> None:
    """Say of every order when what falls due, and what is held back."""
    from jikimi.runtime import retaining

    retaining.status(config)


@retention.command(name="check")
def retention_check(file: Path, /) -> None:
    """Check a table of retention; print each defect with its line and the reason.

    Args:
        file: the table, a TOML file.
    """
    from jikimi.runtime import retaining

    retaining.check(file)


@retention.command(name="erase")
def retention_erase(*, config: Config = None) -> None:
    """Say what is due now and would be erased. A running server erases by itself; this only looks."""
    from jikimi.runtime import retaining

    retaining.erase(config)


@retention.command(name="hold")
def retention_hold(order_id: str, /, *, authority: str, reason: str, by: str, last_day: date, config: Config = None) -> None:
    """Propose to let nothing of an order be erased, by a court's word, until a day. Two accounts are asked; it ends by itself.

    Args:
        order_id: which order.
        authority: the court and the number of its decision.
        reason: why; names nobody.
        by: the account that asks: a supervisor's or a data protection officer's.
        last_day: the last day of the hold, as 2026-06-01 (UTC).
    """
    from jikimi.runtime import retaining

    retaining.hold(config, order_id, authority, reason, by, last_day)


@retention.command(name="release")
def retention_release(hold_id: str, /, *, authority: str, reason: str, by: str, config: Config = None) -> None:
    """Propose to end a hold early, by a court's word. Two accounts are asked.

    Args:
        hold_id: as `jikimi retention status` and oversight name it.
        authority: the court and the number of its decision.
        reason: why; stands in the ledger and names nobody.
        by: the account that asks: a supervisor's or a data protection officer's.
    """
    from jikimi.runtime import retaining

    retaining.release(config, hold_id, authority, reason, by)


@app.command
def export(
    folder: Path,
    /,
    *,
    order_id: Annotated[str | None, Parameter(name="--order")] = None,
    person: str | None = None,
    by: str,
    reason: str | None = None,
    request: int | None = None,
    config: Config = None,
) -> None:
    """Write an order's or a person's whole record into a new folder: positions, register, incidents. Two accounts are asked first.

    Args:
        folder: the new folder.
        order_id: the order, with everybody whom it names.
        person: a person, with every order that names her or him.
        by: the account that asks, or once it is confirmed the one that adopted it: a supervisor's, an auditor's or a data
            protection officer's.
        reason: why; it stands in the ledger before anything is read.
        request: the number of a request for this that was confirmed. It is used up.
    """
    from jikimi.runtime import retaining

    retaining.export(config, folder, order_id, person, by, reason, request)


@app.command(name="import")
def import_record(folder: Path, /, *, sha256: str | None = None, by: str = "command line", config: Config = None) -> None:
    """Take a record over that `jikimi export` wrote, into a system that knows none of it, and compare: 0 differences.

    Args:
        folder: the record.
        sha256: the hash that the export printed, as you were told it.
        by: who takes it over; it stands in the ledger before anything is taken.
    """
    from jikimi.runtime import retaining

    retaining.bring_in(config, folder, sha256, by)


@app.command
def backup(folder: Path, /, *, keys: bool = False, config: Config = None) -> None:
    """Write a backup into a new folder, beside a running server. No key is in it, so it forgets whom the server forgets.

    Args:
        folder: the new folder; with --keys, the one in which the newest copy of the keys is kept.
        keys: renew the copy of the keys instead. Keep the newest one alone: an older one would remember.
    """
    from jikimi.runtime import retaining

    retaining.back_up(config, folder, keys=keys)


@app.command
def restore(folder: Path, /, *, config: Config = None) -> None:
    """Put a backup back into a data folder that holds the master key and the copy of the keys, and nothing else.

    Args:
        folder: the backup.
    """
    from jikimi.runtime import retaining

    retaining.restore(config, folder)


@subject.command(name="report")
def subject_report(person: str, /, *, language: Literal["ko", "en"] = "ko", by: str = "command line", config: Config = None) -> None:
    """Print what the office hands to a monitored person who asks how his positions are used. It tells nothing of anybody else.

    Args:
        person: the monitored person.
        language: of the document.
        by: who makes it; it stands in the ledger.
    """
    from jikimi.runtime import subject as subjects

    subjects.report(config, person, language, by)


@app.command
def doctor(*, config: Config = None) -> None:
    """Check clock, disk, permissions, keys, policies, base map and pages; say what is wrong, each in a sentence."""
    from jikimi.runtime import doctor as doctors

    raise SystemExit(doctors.run(config))


def main(words: list[str] | None = None) -> None:
    """Run the command line, or these words of one. What a deployer can mend ends in a sentence, not in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that does not know a letter is shown its number.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(words)
    except BrokenPipeError:
        # Whoever reads has seen enough (`| head`). Nothing may be written to that pipe any more, at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        # Imported only now: these are heavy, and `--help` must be instant.
        from jikimi.runtime.commands import MENDABLE

        if isinstance(error, MENDABLE):
            fail(str(error))
        raise


if __name__ == "__main__":
    main()
