"""A client that never ends its request does not hold its connection for ever; one that waits for an answer may."""

from __future__ import annotations

import asyncio
import socket

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from jikimi.runtime import commands, doctor, logs
from jikimi.runtime.listening import HEAD_S, PatientProtocol
from jikimi.runtime.settings import SettingsError
from tests.apps.jump_loop import run
from tests.runtime.ports import free_base


class Line(asyncio.Transport):
    """A connection without a socket."""

    def __init__(self):
        super().__init__()
        self.writes = []
        self.closed = False

    @property
    def written(self):
        return b"".join(self.writes)

    def get_extra_info(self, name, default=None):
        return default

    def write(self, data):
        self.writes.append(data)

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def pause_reading(self):
        """Nothing is read here."""

    def resume_reading(self):
        """Nothing is read here."""


async def app(scope, receive, send):
    """Answer after two hours, as a stream does."""
    while (await receive())["more_body"]:
        pass
    await asyncio.sleep(7_200)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def line(app=app):
    found = Line()
    protocol = PatientProtocol(Config(app, lifespan="off", log_config=None), ServerState(), {}, asyncio.get_running_loop())
    protocol.connection_made(found)
    return protocol, found


def test_who_says_nothing_or_trickles_headers_is_left():
    async def story():
        silent, trickling = line(), line()
        for piece in b"GET / HTTP/1.1"[: round(HEAD_S) - 1]:
            trickling[0].data_received(bytes([piece]))
            await asyncio.sleep(1.0)
        assert not silent[1].closed
        assert not trickling[1].closed
        await asyncio.sleep(2.0)
        assert silent[1].closed
        assert trickling[1].closed

    run(story())


def test_an_answer_may_take_hours():
    async def story():
        protocol, found = line()
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(7_300)
        assert found.written.endswith(b"ok")

    run(story())


def test_the_next_request_of_a_connection_must_arrive_in_time_too():
    async def story():
        protocol, found = line()
        protocol.timeout_keep_alive = 1e6
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(7_300)
        assert not found.closed
        protocol.data_received(b"GET / HTTP/1.1\r\nHo")
        await asyncio.sleep(HEAD_S + 1)
        assert found.closed

    run(story())


def test_an_answers_head_and_body_leave_together():
    async def story():
        protocol, found = line()
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        await asyncio.sleep(14_500)
        assert [(one[:15], one[-2:]) for one in found.writes] == [(b"HTTP/1.1 200 OK", b"ok")] * 2

    run(story())


async def opening(scope, receive, send):
    """Open a stream, say something an hour later, and end it after another."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await asyncio.sleep(3_600)
    await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
    await asyncio.sleep(3_600)
    await send({"type": "http.response.body"})


def test_a_streams_head_does_not_wait_for_its_first_word():
    async def story():
        protocol, found = line(opening)
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1.0)
        assert found.written.startswith(b"HTTP/1.1 200 OK\r\n")
        await asyncio.sleep(3_600)
        assert found.written.endswith(b"data: 1\n\n\r\n")
        await asyncio.sleep(3_600)
        assert found.written.endswith(b"0\r\n\r\n")
        assert found.closed

    run(story())


def test_what_was_written_leaves_before_a_connection_closes():
    async def story():
        protocol, found = line()
        protocol.transport.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        protocol.transport.close()
        assert found.written == b"HTTP/1.1 400 Bad Request\r\n\r\n"
        assert found.closed

    run(story())


@pytest.fixture
def no_log(monkeypatch):
    """The log stays as the other tests have it: a file that this test captures would be closed after it."""
    monkeypatch.setattr(logs, "configure", lambda _level: None)


@pytest.mark.usefixtures("no_log")
@pytest.mark.sockets
@pytest.mark.parametrize("audience", ["device", "protected", "desk", "field", "oversight"])
def test_a_taken_port_is_one_sentence_that_names_it(tmp_path, capfd, audience):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = tmp_path / "jikimi.toml"
        names = ["device", "protected", "desk", "field", "oversight"]
        first = free_base()
        own = {name: first + number for number, name in enumerate(names)} | {audience: other.getsockname()[1]}
        ports = "".join(f"{name}_port = {port}\n" for name, port in own.items())
        settings.write_text(f'data_dir = "{tmp_path / "data"}"\nhost = "127.0.0.1"\nlog_level = "critical"\n{ports}')
        with pytest.raises(SystemExit) as ended:
            commands.serve(settings)
    assert ended.value.code == 1
    assert (
        capfd.readouterr().err == f"Port {own[audience]}, for the {audience} app, cannot be listened on: another program may be using it.\n"
    )


@pytest.mark.usefixtures("no_log")
@pytest.mark.sockets
def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    settings = tmp_path / "jikimi.toml"
    settings.write_text(f'data_dir = "{tmp_path / "file" / "data"}"\n')
    with pytest.raises(SettingsError, match="The data folder cannot be made: Not a directory"):
        commands.serve(settings)
    assert doctor.run(settings) == 1
    assert "✗ keys: The data folder cannot be made: Not a directory." in capsys.readouterr().out
