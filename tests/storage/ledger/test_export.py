"""An export of a database that somebody with its key changed: the entry is named."""

import pytest

from jikimi.disclosure.ledger.leaf import decode
from jikimi.disclosure.ledger.verify import verify
from jikimi.storage.keys import subkey
from jikimi.storage.ledger import LedgerReader, export, tables
from tests.storage.ledger.acts import KEY, filled

SHIFT = "UPDATE entries SET number = -number - 1 WHERE number >= 7; UPDATE entries SET number = -number - 2 WHERE number < 0"
SWAP = "; ".join(f"UPDATE entries SET number = {to} WHERE number = {place}" for place, to in ((7, -1), (8, 7), (-1, 8)))


@pytest.mark.parametrize(
    ("damage", "kind", "entries"),
    [
        ("UPDATE entries SET leaf = CAST(replace(leaf, 'office', 'vpn') AS BLOB) WHERE number = 7", "changed", {7}),
        ("DELETE FROM entries WHERE number = 299", "removed", {0}),
        (f"DELETE FROM entries WHERE number = 7; {SHIFT}", "removed", {0}),
        (SWAP, "range", {0}),
    ],
)
def test_a_database_changed_by_its_owner_is_found_out(tmp_path, damage, kind, entries):
    log = filled(tmp_path / "ledger", [300])
    connection = tables.opened(tmp_path / "ledger", subkey(KEY, "entries"))
    connection.executescript(damage)
    connection.close()
    reader = LedgerReader(tmp_path / "ledger", KEY)
    export.write(reader, tmp_path / "out")
    reader.close()
    findings = verify(export.read(tmp_path / "out"), log).findings
    assert findings[0].kind == kind
    assert {finding.entry for finding in findings if finding.kind == kind} == entries


def test_an_export_names_nobody(tmp_path):
    filled(tmp_path / "ledger", [20])
    reader = LedgerReader(tmp_path / "ledger", KEY)
    assert export.write(reader, tmp_path / "out") == 20
    reader.close()
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    for word in (b"staff", b"name of", b'"o-1"', b"reason 3"):
        assert word not in everything
    for leaf in export.read(tmp_path / "out").leaves():
        decode(leaf)
