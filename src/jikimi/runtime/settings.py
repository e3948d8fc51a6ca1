"""Settings of one server: a TOML file and the environment, which wins."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from jikimi.delivery.setup import DeliverySettings
from jikimi.disclosure.ledger.whence import Networks, nets

PREFIX = "JIKIMI_"
MOST_PORT = 65_535
MOST_SESSION_DAYS = 3_660


class SettingsError(Exception):
    """The settings cannot be used. Its text says which one and why."""


class CourtSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How petitions reach one court.

    Attributes:
        key: the court's public key, ``age1…``: packages are sealed to it.
        way: ``folder``, ``mailbox``, ``receiver``, or ``here``: its docket is kept by this server, and its staff use the court's app.
        to: the folder, the address of the mailbox, or the receiver's URL; empty for ``here``.
        secret: shared with a receiver, ``whsec_…``.
        key_file: for ``here``: the court's secret key, in a file outside the data folder, so that no backup of the data holds it.
        owner: for ``here``: the member of staff who answers for the orders that this court makes.
        region: for ``here``: where the court is, by its code of ISO 3166-2 (``KR-11``), for the public figures alone.
    """

    key: str
    way: Literal["folder", "mailbox", "receiver", "here"]
    to: str = ""
    secret: str | None = None
    key_file: str | None = None
    owner: str | None = None
    region: str | None = None


class SsoSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation's single sign-on (OpenID Connect). Without it no provider is ever asked.

    Attributes:
        issuer: its address, exactly as it names itself; ``https`` but for a provider on this machine.
        client_id, client_secret: how it knows this server.
        name: what the button calls it.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str = "single sign-on"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a server keeps its data and where it listens.

    Attributes:
        data_dir: journal, register, keys, base map. Created with mode 0700.
        host: address to listen on. The default answers this machine only; put a TLS proxy in front of anything else.
        device_port, protected_port, desk_port, field_port, oversight_port, helper_port, court_port: one origin per audience.
        device_url, protected_url, desk_url, field_url, oversight_url, helper_url, court_url: how they are reached from outside,
            without a trailing slash.
        policy_dir: a folder of policy files of your own, beside the presets; or None.
        tls: True when a TLS proxy stands in front, so that browsers are told to use nothing else.
        log_level: debug, info, warning or error.
        session_days: how long a paired browser stays paired.
        office_networks, vpn_networks: networks such as ``10.20.0.0/16``, by which the ledger says from where somebody looked.
        ledger_addresses: True keeps the address as well, as a commitment that goes with the person's key.
        staff_codes: True lets staff sign in by a one-time code alone. Otherwise a code is used once, to make a passkey.
        lock_after_s: a screen of staff locks when nobody moved for so long; 0: never.
        checkpoint_every: records after which the state is written down, so that a restart is quick.
        vault_every_s: how often the journal's fixes are taken over into the vault, and what fell due is looked for.
        vault_kms: the program, with its arguments, that has a key management service wrap the vault's keys; without it the master key does.
        journal_days: for how many days past cases can be run again; what is older leaves the journal once the vault has it. At most 7.
        research_signer: the public key (Ed25519, 64 hexadecimal digits) of who signs agreements on research; without it nobody gets rows.
        demonstration: True marks every screen as a demonstration.
        sso: how staff sign in by their organisation's single sign-on, a table in the file; docs/identity.md. Without it nobody does.
        delivery: the channels by which notices leave this server, a table in the file; docs/delivery.md. Without it nothing leaves.
        courts: how petitions reach each court, by the name of its choice in the form; docs/petitions.md. At others she prints and signs.
    """

    data_dir: str = "var"
    host: str = "127.0.0.1"
    device_port: int = 8470
    protected_port: int = 8471
    desk_port: int = 8472
    field_port: int = 8473
    oversight_port: int = 8474
    helper_port: int = 8476
    court_port: int = 8477
    device_url: str | None = None
    protected_url: str | None = None
    desk_url: str | None = None
    field_url: str | None = None
    oversight_url: str | None = None
    helper_url: str | None = None
    court_url: str | None = None
    policy_dir: str | None = None
    tls: bool = False
    log_level: str = "info"
    session_days: float = 90.0
    office_networks: tuple[str, ...] = ()
    vpn_networks: tuple[str, ...] = ()
    ledger_addresses: bool = False
    staff_codes: bool = False
    lock_after_s: Annotated[float, msgspec.Meta(ge=0.0, le=86_400.0)] = 900.0
    checkpoint_every: int = 200_000
    vault_every_s: Annotated[float, msgspec.Meta(ge=0.1, le=3600.0)] = 300.0
    vault_kms: tuple[str, ...] = ()
    journal_days: Annotated[float, msgspec.Meta(ge=0.0, le=7.0)] = 7.0
    research_signer: str | None = None
    demonstration: bool = False
    sso: SsoSettings | None = None
    delivery: DeliverySettings = DeliverySettings()
    courts: dict[str, CourtSettings] = {}

    @property
    def data(self) -> Path:
        """The data folder."""
        return Path(self.data_dir)

    def networks(self) -> Networks:
        """Return which networks are whose.

        Raises:
            SettingsError: one is none.
        """
        try:
            return Networks(nets(self.office_networks), nets(self.vpn_networks), self.ledger_addresses)
        except ValueError as error:
            raise SettingsError(f"The settings office_networks and vpn_networks are lists of networks: {error}.") from None

    def url(self, audience: str) -> str:
        """Return where an audience is reached (``device``, ``protected``, ``desk``, ``field``, ``oversight``, ``helper``, ``court``)."""
        named: str | None = getattr(self, f"{audience}_url")
        return named if named is not None else f"http://localhost:{getattr(self, f'{audience}_port')}"


def load(path: Path | None = None, environment: dict[str, str] | None = None) -> Settings:
    """Read settings from a TOML file (if any) and ``JIKIMI_…`` variables.

    Raises:
        SettingsError: the file is missing or not TOML, or a setting is unknown or of the wrong kind.
    """
    values: dict[str, Any] = _read(path) if path is not None else {}
    for name, text in (os.environ if environment is None else environment).items():
        field = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and field in Settings.__struct_fields__:
            values[field] = text
    try:
        # Strings from the environment become numbers and flags where the field asks for them.
        found = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"The settings cannot be used: {error}") from error
    _check(found)
    return found


def _check(settings: Settings) -> None:
    for name in Settings.__struct_fields__:
        if name.endswith("_port") and not 0 <= getattr(settings, name) <= MOST_PORT:
            raise SettingsError(f"The setting {name} is a port from 0 to {MOST_PORT}.")
    if not 0 < settings.session_days <= MOST_SESSION_DAYS:
        raise SettingsError(f"The setting session_days is more than 0 and at most {MOST_SESSION_DAYS}.")
    if settings.checkpoint_every < 1:
        raise SettingsError("The setting checkpoint_every is 1 or more.")
    settings.networks()
    if settings.sso is not None:
        _check_sso(settings.sso)


def _check_sso(sso: SsoSettings) -> None:
    parts = urlsplit(sso.issuer)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1"}:
        raise SettingsError("The setting sso.issuer begins with https://.")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from error
