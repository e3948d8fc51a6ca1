"""What a witness keeps: it survives a restart, and nothing is signed where it cannot be read."""

import stat

import pytest

from jikimi.disclosure.ledger.note import NoteError, Signer
from jikimi.disclosure.ledger.witness import Refusal, Seen, WitnessRefusedError
from jikimi.storage.ledger import LedgerReader
from jikimi.storage.ledger.witnessing import WitnessFolder, WitnessFolderError
from tests.storage.ledger.acts import KEY, filled


def test_what_was_signed_is_remembered_and_a_fork_refused(tmp_path):
    log = filled(tmp_path / "ledger", [5])
    reader = LedgerReader(tmp_path / "ledger", KEY)
    first = WitnessFolder(tmp_path / "w", "w.example")
    assert first.seen(log.name) == Seen()
    first.cosign(reader.request, log, 1)
    again = WitnessFolder(tmp_path / "w", "w.example")
    assert again.verifier == first.verifier
    assert again.seen(log.name) == Seen(5, reader.newest()[0].root)
    assert stat.S_IMODE((tmp_path / "w" / "witness.key").stat().st_mode) == 0o600
    reader.close()

    filled(tmp_path / "fork", [6])
    fork = LedgerReader(tmp_path / "fork", KEY)
    with pytest.raises(WitnessRefusedError) as refused:
        again.cosign(fork.request, log, 2)
    assert refused.value.refusal is Refusal.FORK
    assert again.seen(log.name).size == 5
    fork.close()


def test_a_state_or_key_that_cannot_be_read_is_no_new_beginning(tmp_path):
    log = filled(tmp_path / "ledger", [5])
    reader = LedgerReader(tmp_path / "ledger", KEY)
    witness = WitnessFolder(tmp_path / "w", "w.example")
    (tmp_path / "w" / "seen.json").write_text("{")
    with pytest.raises(WitnessFolderError, match="do not delete"):
        witness.cosign(reader.request, log, 1)
    (tmp_path / "w" / "witness.key").write_text("short")
    with pytest.raises(WitnessFolderError, match="holds no key"):
        WitnessFolder(tmp_path / "w", "w.example")
    reader.close()


def test_it_signs_only_for_the_ledger_whose_key_it_was_given(tmp_path):
    filled(tmp_path / "ledger", [5])
    reader = LedgerReader(tmp_path / "ledger", KEY)
    with pytest.raises(WitnessRefusedError) as refused:
        WitnessFolder(tmp_path / "w", "w.example").cosign(reader.request, Signer("other", bytes(32)).verifier, 1)
    assert refused.value.refusal is Refusal.UNSIGNED
    with pytest.raises(NoteError):
        WitnessFolder(tmp_path / "v", "two words")
    reader.close()
