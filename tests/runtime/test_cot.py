"""Officers' map clients: both persons appear through the gate, grow stale by their own age, and are gone when it is over."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import re
import ssl
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jikimi.delivery.cot_line import CotLine, MapServer
from jikimi.delivery.setup import DeliverySettings
from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from tests.runtime.test_dispatch import PORT, Watching, comes
from tests.runtime.test_response import Station

pytestmark = pytest.mark.sockets


class Receiver:
    """A map server on TCP, played: keeps every event."""

    def __init__(self) -> None:
        self.events: list[ET.Element] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        text = ""
        while data := await reader.read(65_536):
            text += data.decode()
            *whole, text = re.split(r"(?<=</event>)", text)
            self.events += [ET.fromstring(one) for one in whole]
        writer.close()
        await writer.wait_closed()

    async def until(self, kind: str, count: int) -> list[ET.Element]:
        for _ in range(300):
            found = [one for one in self.events if one.get("type") == kind]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError([one.get("type") for one in self.events])


def house(folder: Path) -> Station:
    station = Station(folder, PORT)
    maps = MapServer(url=f"tcp://127.0.0.1:{PORT + 3}", recipient="police", every_s=1.0)
    station.settings = msgspec.structs.replace(station.settings, delivery=DeliverySettings(cot=maps))
    return station


def test_both_persons_are_on_the_map_through_the_gate_and_gone_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    station = house(tmp_path)

    async def story() -> None:
        receiver = Receiver()
        listener = await asyncio.start_server(receiver.take, "127.0.0.1", PORT + 3)
        async with (
            listener,
            Server(station.settings, presets()) as running,
            httpx2.AsyncClient(timeout=20) as client,
            station.operator() as desk,
        ):
            watching = Watching(running, monkeypatch)
            await comes(station, client)
            (him, *_), (her, *_) = await receiver.until("a-s-G", 1), await receiver.until("a-f-G", 1)
            assert float(him.find("point").get("lat")) > float(her.find("point").get("lat"))  # type: ignore[union-attr,arg-type]
            assert ("police", "responder", "response") in {(who, audience, purpose) for who, audience, _, purpose, _ in watching.recorded}
            for one in (him, her):
                start, stale = (dt.datetime.fromisoformat(one.get(name) or "") for name in ("start", "stale"))
                assert dt.timedelta(0) < stale - start <= dt.timedelta(minutes=3)
            incident = (await desk.until(1))["rows"][0]["incident"]
            assert await desk.do(f"incidents/{incident}/acknowledge") == 204
            assert await desk.do(f"incidents/{incident}/resolve", {"outcome": "helped", "reason": "She is safe."}) == 204
            gone = await receiver.until("t-x-d-d", 2)
            assert {one.find("detail/link").get("uid") for one in gone} == {him.get("uid"), her.get("uid")}  # type: ignore[union-attr]
            before = len([one for one in receiver.events if one.get("type") in {"a-s-G", "a-f-G"}])
            await asyncio.sleep(1.5)
            assert len([one for one in receiver.events if one.get("type") in {"a-s-G", "a-f-G"}]) == before

    asyncio.run(story())


def test_what_cannot_be_written_down_is_on_no_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    station = house(tmp_path)

    async def story() -> None:
        receiver = Receiver()
        listener = await asyncio.start_server(receiver.take, "127.0.0.1", PORT + 3)
        async with (
            listener,
            Server(station.settings, presets()) as running,
            httpx2.AsyncClient(timeout=20) as client,
            station.operator() as desk,
        ):
            Watching(running, monkeypatch, fails=True)
            await comes(station, client)
            await desk.until(1)
            await asyncio.sleep(2.0)
        assert receiver.events == []

    asyncio.run(story())


def test_a_datagram_on_this_machine_and_a_line_that_comes_back() -> None:
    async def story() -> None:
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        class Ear(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _addr: object) -> None:
                heard.put_nowait(data)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=("127.0.0.1", PORT + 3))
        line = CotLine(MapServer(url=f"udp://127.0.0.1:{PORT + 3}", recipient="police"))
        assert await line.send(["<event/>", "<event/>"])
        assert [await asyncio.wait_for(heard.get(), 10) for _ in range(2)] == [b"<event/>"] * 2
        await line.close()
        transport.close()
        line = CotLine(MapServer(url=f"tcp://127.0.0.1:{PORT + 4}", recipient="police"))
        assert not await line.send(["<event/>"]), "nobody listens"
        receiver = Receiver()
        async with await asyncio.start_server(receiver.take, "127.0.0.1", PORT + 4):
            assert await line.send(['<event type="x"></event>'])
            await receiver.until("x", 1)
            await line.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("url", "every_s"),
    [("tcp://maps.example:8087", 5.0), ("udp://10.0.0.1:1", 5.0), ("https://x:1", 5.0), ("tls://x", 5.0), ("tls://x:1", 0.1)],
)
def test_positions_do_not_leave_in_the_clear(url: str, every_s: float) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        MapServer(url=url, recipient="police", every_s=every_s)


def certificates(folder: Path) -> dict[str, str]:
    """Make an authority, and one certificate each for the map server and for us; return the files."""
    kept: dict[str, str] = {}
    authority, issuer = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    now = dt.datetime.now(dt.UTC)
    for name, usage in (("authority", None), ("server", ExtendedKeyUsageOID.SERVER_AUTH), ("client", ExtendedKeyUsageOID.CLIENT_AUTH)):
        key = authority if usage is None else ec.generate_private_key(ec.SECP256R1())
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        )
        made = made if usage is None else made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        for what, data in (("key", pem), ("pem", made.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))):
            path = folder / f"{name}.{what}"
            path.write_bytes(data)
            kept[f"{name}.{what}"] = str(path)
    return kept


def test_over_tls_both_sides_prove_who_they_are_or_nothing_is_sent(tmp_path: Path) -> None:
    ours, others = tmp_path / "ours", tmp_path / "others"
    ours.mkdir()
    others.mkdir()
    files, foreign = certificates(ours), certificates(others)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files["authority.pem"])
    served.load_cert_chain(files["server.pem"], files["server.key"])
    served.verify_mode = ssl.CERT_REQUIRED
    url = f"tls://127.0.0.1:{PORT + 5}"
    mine = MapServer(url=url, recipient="police", ca=files["authority.pem"], certificate=files["client.pem"], key=files["client.key"])

    async def story() -> None:
        receiver = Receiver()
        async with await asyncio.start_server(receiver.take, "127.0.0.1", PORT + 5, ssl=served):
            line = CotLine(mine)
            assert await line.send(['<event type="x"></event>'])
            await receiver.until("x", 1)
            await line.close()
            stranger = CotLine(msgspec.structs.replace(mine, ca=foreign["authority.pem"]))
            assert not await stranger.send(['<event type="x"></event>']), "a server of another authority is not believed"
            named = CotLine(msgspec.structs.replace(mine, url=f"tls://localhost:{PORT + 5}"))
            assert not await named.send(['<event type="x"></event>']), "nor one that answers under another name"
        assert len(receiver.events) == 1

    asyncio.run(story())
