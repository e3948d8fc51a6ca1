"""Day keys wrapped by a key management service: the same promises, and a service that fails is said in one sentence."""

import contextlib
import sys

import pytest

from jikimi.model.fix import Fix, Verdict
from jikimi.model.record import Fixes
from jikimi.storage.seal import NotAuthenticError
from jikimi.storage.vault.kms import CommandWrapper, KeyServiceError
from jikimi.storage.vault.store import Vault
from tests.scan import proof_of

NAMING = bytes(32)


@contextlib.contextmanager
def service(how="well", wait_s=20.0):
    wrapper = CommandWrapper([sys.executable, "-m", "tests.storage.vault.key_service", how], wait_s)
    try:
        yield wrapper
    finally:
        wrapper.close()


def test_a_key_comes_back_for_its_place_alone():
    with service() as wrapper:
        wrapped = wrapper.wrap(b"a key", b"here")
        assert wrapper.unwrap(wrapped, b"here") == b"a key"
        for broken, place in ((wrapped, b"there"), (wrapped[:-1], b"here")):
            with pytest.raises(NotAuthenticError):
                wrapper.unwrap(broken, place)
        assert wrapper.unwrap(wrapped, b"here") == b"a key", "a refusal is no fault of the service"


@pytest.mark.parametrize("how", ["gone", "nonsense", "silent"])
def test_a_service_that_does_not_answer_as_it_should_is_said_and_asked_anew(how):
    with service(how, wait_s=0.5 if how == "silent" else 20.0) as wrapper:
        for _ in range(2):
            with pytest.raises(KeyServiceError, match="vault_kms"):
                wrapper.wrap(b"a key", b"here")


def test_a_program_that_is_not_there_is_said():
    with pytest.raises(KeyServiceError):
        CommandWrapper(["/nowhere/to/be/found"]).wrap(b"a key", b"here")


def test_a_vault_keeps_history_under_keys_that_the_service_wraps(tmp_path):
    record = Fixes(5, "tag", "p", [Fix("a", 4, 37.5, 127.0)], [Verdict.USED])
    with service() as wrapper:
        vault = Vault(tmp_path, NAMING, wrapper)
        vault.take([(1, record)], until=1)
        vault.close()
        vault = Vault(tmp_path, NAMING, wrapper)
        assert [kept.fix.fix_id for kept in vault.read("p", 0, 10, proof_of("p"))] == ["a"]
        vault.erase("p", 0)
        assert list(vault.read("p", 0, 10, proof_of("p"))) == []
        vault.close()
