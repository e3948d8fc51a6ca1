"""The command line explains itself: every command, and every word that one gives it."""

from __future__ import annotations

import pytest

from jikimi.cli import app


def commands(found, path=()):
    """Yield each command that does something, with its path."""
    for name in found:
        if name.startswith("-"):
            continue
        one = found[name]
        yield from ([((*path, name), one)] if one.default_command is not None else [])
        yield from commands(one, (*path, name))


COMMANDS = dict(commands(app))


def test_the_commands_are_found():
    assert {("serve",), ("device", "add"), ("ledger", "verify")} <= COMMANDS.keys()
    assert len(COMMANDS) > 25


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_every_parameter_is_explained(path):
    one = COMMANDS[path]
    assert one.help
    for argument in one.assemble_argument_collection(parse_docstring=True):
        assert argument.parameter.help, argument.name
