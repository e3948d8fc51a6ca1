"""Roles and their rights: one table, and nothing else in the program decides who may do what.

Each role has the least that its work needs. Whoever runs the accounts sees no position, and whoever sees positions runs no
accounts; a court, an auditor and an administrator have no place at the desk at all.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final


class Role(enum.StrEnum):
    """What an account is for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    TAG_OFFICER = "tag_officer"
    POLICE = "police"
    COURT = "court"
    """A judge: reads what was asked of the courts of the account, and decides."""
    COURT_CLERK = "court_clerk"
    """Keeps the docket of those courts, and decides nothing."""
    AUDITOR = "auditor"
    DATA_PROTECTION = "data_protection"
    ADMINISTRATOR = "administrator"
    WALL = "wall"
    """A big screen in a control room, which everybody in the room can read."""


class Right(enum.StrEnum):
    """What a role may allow."""

    SEE_BOARD = "see_board"
    """Sit at the desk: all pairs by urgency, without positions, and the base map."""
    OPEN_POSITION = "open_position"
    """Open one pair, with positions as far as the gate allows."""
    SEE_INCIDENTS = "see_incidents"
    """Read the queue and an incident's history."""
    ACT_ON_INCIDENTS = "act_on_incidents"
    """Be on duty; take, write on and resolve incidents."""
    SEE_WALL = "see_wall"
    """See the queue from afar, without positions, and without names unless the policy says so."""
    REPLAY_INCIDENTS = "replay_incidents"
    """Look at a past incident again, moment by moment, as far as the gate opened it then."""
    SEE_OFFICE = "see_office"
    """Read the register of orders: tasks, links, ways to protection."""
    SETTLE_TASKS = "settle_tasks"
    """Say that a task of the register is done."""
    DECIDE_LINKS = "decide_links"
    """Decide whether two records are one man's."""
    INVITE = "invite"
    """Give a protected person a code once her identity was checked, or note that she will not take part."""
    ACT_IN_TWO = "act_in_two"
    """Ask for what needs a second person, and be that person for somebody else."""
    ADMINISTER = "administer"
    """Make accounts, change their roles, end them, give codes for them."""
    SEE_OVERSIGHT = "see_oversight"
    """Read who looked at whom, reviews and proofs. Shows no position."""
    SETTLE_REVIEWS = "settle_reviews"
    """Look into unusual looks, and say what they were."""
    RECORD_PERMISSION = "record_permission"
    """Record a court's permission for a copy."""
    READ_COPY = "read_copy"
    """Ask for a copy of positions of a past time, and read it while a permission or an emergency stands."""
    SEE_COURT = "see_court"
    """Read the petitions of the courts that the account belongs to. Shows no position."""
    KEEP_DOCKET = "keep_docket"
    """Set hearings, return what is incomplete, record that sides were told, withdrew or appealed."""
    DECIDE_PETITIONS = "decide_petitions"
    """Grant, refuse, and change or end what was granted."""


SEATS: Final = frozenset({Right.SEE_BOARD, Right.SEE_WALL})
"""Any of these is a place at the desk."""

_OPERATOR: Final = frozenset(
    {
        Right.SEE_BOARD,
        Right.OPEN_POSITION,
        Right.SEE_INCIDENTS,
        Right.ACT_ON_INCIDENTS,
        Right.SEE_WALL,
        Right.SEE_OFFICE,
        Right.SETTLE_TASKS,
    }
)

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _OPERATOR | {Right.REPLAY_INCIDENTS, Right.DECIDE_LINKS, Right.INVITE, Right.ACT_IN_TWO},
    Role.TAG_OFFICER: frozenset(
        {Right.SEE_BOARD, Right.SEE_INCIDENTS, Right.SEE_OFFICE, Right.SETTLE_TASKS, Right.DECIDE_LINKS, Right.INVITE, Right.ACT_IN_TWO},
    ),
    Role.POLICE: frozenset({Right.SEE_BOARD, Right.OPEN_POSITION, Right.SEE_INCIDENTS, Right.READ_COPY}),
    Role.COURT: frozenset({Right.SEE_COURT, Right.KEEP_DOCKET, Right.DECIDE_PETITIONS, Right.ACT_IN_TWO}),
    Role.COURT_CLERK: frozenset({Right.SEE_COURT, Right.KEEP_DOCKET, Right.ACT_IN_TWO}),
    Role.AUDITOR: frozenset({Right.SEE_OVERSIGHT, Right.SETTLE_REVIEWS, Right.ACT_IN_TWO}),
    Role.DATA_PROTECTION: frozenset({Right.SEE_OVERSIGHT, Right.SETTLE_REVIEWS, Right.RECORD_PERMISSION, Right.ACT_IN_TWO}),
    Role.ADMINISTRATOR: frozenset({Right.ADMINISTER}),
    Role.WALL: frozenset({Right.SEE_WALL}),
}


def has_seat(role: Role) -> bool:
    """Return whether a role has a place at the desk, so that a code for it opens something."""
    return not SEATS.isdisjoint(RIGHTS[role])
