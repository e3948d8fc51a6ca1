"""The law of this room, read from the source: a coordinate is copied for a screen in one place, and the apps never name one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import jikimi

SOURCE = Path(jikimi.__file__).parent
COORDINATES = frozenset({"latitude", "longitude", "lat", "lon", "corners", "zone", "course_deg", "speed_mps", "reach_m", "altitude_m"})
"""Names of what tells where somebody is, or which way he goes, in the model and on the wire."""
HOLDERS = frozenset({"view", "monitored", "protected", "words", "last"})
"""Names of what holds them. ``policy.view`` is another thing: the policy's rules of what may be shown."""
ASKED = frozenset({"view", "trail"})
"""What the core answers with coordinates in it, and that only ``disclosure`` may ask."""
INWARD = frozenset({"device.py"})
"""The devices' door takes positions in and shows none."""

APPS = sorted(path for path in (SOURCE / "apps").rglob("*.py") if path.name not in INWARD)


def tree(path):
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def named(path, names):
    """Return where a file reads an attribute of one of these names, or spells it in a string of its own (``getattr``)."""
    attributes = {node.attr for node in tree(path) if isinstance(node, ast.Attribute)}
    strings = {node.value for node in tree(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (attributes | strings) & names


def held(path):
    """Return which holders a file opens."""
    reads = [node for node in tree(path) if isinstance(node, ast.Attribute) and node.attr in HOLDERS]
    return {node.attr for node in reads if not (isinstance(node.value, ast.Name) and node.value.id == "policy")}


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.name)
def test_no_app_reads_a_coordinate(path):
    assert named(path, COORDINATES) == set()


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.name)
def test_no_app_opens_what_holds_one(path):
    """``.view`` of a glance, ``.monitored`` of a view: those are read in ``disclosure`` only."""
    assert held(path) == set()


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.name)
def test_no_app_asks_the_core_for_positions_itself(path):
    calls = {node.func.attr for node in tree(path) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert not ASKED & calls


def test_within_disclosure_only_frames_reads_one():
    readers = {path.name for path in (SOURCE / "disclosure").glob("*.py") if named(path, {"latitude", "longitude", "corners"})}
    assert readers == {"frames.py"}


def asks(node):
    """Whether a line of code could come by ``decide``: by its name, or with the room as a whole."""
    if isinstance(node, ast.ImportFrom):
        names = {alias.name for alias in node.names}
        return (node.module == "jikimi.disclosure.gate" and bool(names & {"decide", "*"})) or (
            node.module == "jikimi.disclosure" and "gate" in names
        )
    return isinstance(node, ast.Import) and any(alias.name == "jikimi.disclosure.gate" for alias in node.names)


def test_only_the_viewer_asks_the_gate():
    """``decide`` is called by the viewer alone, so that nothing is decided that is not also written down."""
    callers = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if any(map(asks, tree(path)))}
    assert callers == {"disclosure/viewer.py"}


def proving(path):
    """Return how a file could come by a proof of its own: the maker's name, its room as a whole, or a proof's insides."""
    found = set()
    for node in tree(path):
        if isinstance(node, ast.ImportFrom) and node.module == "jikimi.disclosure.proof":
            found |= {alias.name for alias in node.names} - {"Proof"}
        elif isinstance(node, ast.ImportFrom) and node.module == "jikimi.disclosure":
            found |= {alias.name for alias in node.names} & {"proof"}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & {"jikimi.disclosure.proof"}
        elif isinstance(node, ast.Attribute) and node.attr == "_provable":
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and node.value in {"_provable", "jikimi.disclosure.proof"}:
            found.add(node.value)
    return found


def importers(module, name):
    found = (
        (path.relative_to(SOURCE).as_posix(), alias.name)
        for path in SOURCE.rglob("*.py")
        for node in tree(path)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    )
    return {path for path, one in found if one == name}


def test_only_the_gate_makes_a_proof_and_only_the_vault_is_read_by_one():
    """A proof is what reading history takes; so every way to a past position leads through ``decide``."""
    makers = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if proving(path)}
    assert makers == {"disclosure/gate.py", "disclosure/proof.py"}
    assert importers("jikimi.disclosure.gate", "unseen") == {"runtime/record.py"}, "what no eyes see is read where a record is imported"


def test_the_law_finds_who_makes_a_proof(tmp_path):
    for number, text in enumerate(
        (
            "from jikimi.disclosure.proof import prove",
            "from jikimi.disclosure import proof",
            "import jikimi.disclosure.proof as p",
            "import_module('jikimi.disclosure.proof')",
            "x = object.__new__(Proof)\nobject.__setattr__(x, '_provable', {})",
        )
    ):
        breach = tmp_path / f"breach{number}.py"
        breach.write_text(text)
        assert proving(breach), text


def test_the_law_finds_a_breach(tmp_path):
    breach = tmp_path / "leak.py"
    breach.write_text('def leak(glance):\n    return glance.view.monitored.latitude, getattr(glance, "longitude")\n')
    assert named(breach, COORDINATES) == {"latitude", "longitude"}
    assert held(breach) == {"view", "monitored"}
