"""Keys wrapped by a key management service: a program that the deployer names speaks to it, one line of JSON for each question.

    {"do": "wrap", "data": "<base64>", "place": "<base64>"}   →   {"data": "<base64>"}
    {"do": "unwrap", "data": "<base64>", "place": "<base64>"}  →   {"data": "<base64>"}   or   {"error": "not_authentic"}

``place`` goes along as additional authenticated data (most services call it encryption context). The program is started once and asked for
every key; it holds no key of ours, and neither do we hold its.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import selectors
import subprocess
from collections.abc import Sequence
from typing import Final

from jikimi.storage.seal import NotAuthenticError

WAIT_S: Final = 20.0
MOST_ANSWER: Final = 1 << 16


class KeyServiceError(Exception):
    """The key management service does not answer as it should. The text says what to look at; it holds nothing of any key."""


class CommandWrapper:
    """Implements ``KeyWrapper`` by a program. Used by one thread at a time.

    Args:
        command: the program and its arguments.
        wait_s: so long it may take to answer.
    """

    def __init__(self, command: Sequence[str], wait_s: float = WAIT_S) -> None:
        self._command = list(command)
        self._wait_s = wait_s
        self._process: subprocess.Popen[bytes] | None = None

    def wrap(self, key: bytes, place: bytes) -> bytes:
        """Return the key as the service sealed it, bound to a place.

        Raises:
            KeyServiceError: it does not answer as it should.
        """
        return self._ask("wrap", key, place)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """Return what ``wrap`` wrapped for the same place.

        Raises:
            NotAuthenticError: the service says that it did not wrap this.
            KeyServiceError: it does not answer as it should.
        """
        return self._ask("unwrap", wrapped, place)

    def close(self) -> None:
        """End the program."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.kill()
            process.wait()

    def _ask(self, do: str, data: bytes, place: bytes) -> bytes:
        question = {"do": do, "data": base64.b64encode(data).decode(), "place": base64.b64encode(place).decode()}
        try:
            answer = self._answer(json.dumps(question).encode() + b"\n")
            found = json.loads(answer)
            if found.get("error") == "not_authentic":
                raise NotAuthenticError
            return base64.b64decode(found["data"], validate=True)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            # Whatever it is in the midst of: the next question goes to a new one.
            self.close()
            raise KeyServiceError(
                "The program of the key management service does not answer as it should; see the setting vault_kms."
            ) from None

    def _answer(self, question: bytes) -> bytes:
        process = self._running()
        assert process.stdin is not None, "it was started with pipes"
        assert process.stdout is not None, "it was started with pipes"
        process.stdin.write(question)
        process.stdin.flush()
        answer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                if not selector.select(self._wait_s):
                    raise TimeoutError
                part = process.stdout.read1(MOST_ANSWER)  # type: ignore[attr-defined]
                answer += part
                if not part or len(answer) > MOST_ANSWER:
                    raise OSError
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # The deployer's own program, as the settings name it.
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self._process
