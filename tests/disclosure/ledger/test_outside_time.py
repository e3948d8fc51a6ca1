"""What docs/ledger.md says of a timestamp authority works as it stands there, with an authority of the test's own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("bash") is None, reason="the page asks for bash and openssl 3"
)

PAGE = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
"""
AUTHORITY = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=root -days 30 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=tsa 2>/dev/null
openssl x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 30 \\
  -extfile tsa.cnf -extensions extensions 2>/dev/null
echo 01 > serial
"""
REPLY = "openssl ts -reply -config tsa.cnf -queryfile checkpoint.tsq -out checkpoint.tsr 2>/dev/null"


def commands(title: str) -> list[str]:
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^    (.+)$", section, re.MULTILINE)


def shell(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-ec", "\n".join(lines)], cwd=folder, capture_output=True, text=True, check=False)


def test_a_timestamp_of_a_checkpoint_is_made_and_checked_by_the_commands_of_the_page_and_a_changed_checkpoint_fails(tmp_path: Path) -> None:
    query, send, verify, moment = commands("A time that somebody else vouches for")
    assert send.startswith("curl"), "in the test the authority is asked by hand"
    (tmp_path / "checkpoint").write_text("ledger.example/1\n3\nq83vEjRWeJA=\n\nsigned\n", encoding="utf-8")
    (tmp_path / "tsa.cnf").write_text(CONFIG, encoding="utf-8")
    made = shell(tmp_path, AUTHORITY, query, REPLY)
    assert made.returncode == 0, made.stderr
    assert shell(tmp_path, verify).returncode == 0
    assert "Time stamp:" in shell(tmp_path, moment).stdout
    (tmp_path / "checkpoint").write_text("ledger.example/1\n4\nq83vEjRWeJA=\n\nsigned\n", encoding="utf-8")
    assert shell(tmp_path, verify).returncode != 0
