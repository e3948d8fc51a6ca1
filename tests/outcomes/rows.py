"""Made-up rows of the outcome register."""

from __future__ import annotations

import random

from jikimi.incidents.incident import Kind, Outcome
from jikimi.model.register import Status
from jikimi.outcomes.row import DROPPED, REFUSED, Decision, HarmDone, IncidentRow, OrderRow, PetitionRow, Row, Warned


def incident(group: str = "g", **fields) -> IncidentRow:
    """An approach of which she was warned in time."""
    return IncidentRow(
        **{
            "policy_id": "kr",
            "year": 2027,
            "quarter": 1,
            "region": "KR-11",
            "group": group,
            "kind": Kind.APPROACH,
            "warned": Warned.BEFORE,
            "lead_s": 300,
            "outcome": "warned",
        }
        | fields
    )


def drawn(seed: int, orders: int) -> list[Row]:
    """A country's year by chance, most of it in a few regions."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(orders):
        where = {"policy_id": "kr", "year": 2027, "region": f"KR-{11 + int(3 * chance.random() ** 2)}", "group": f"{number}"}
        for _ in range(chance.choice((0, 0, 1, 2, 9))):
            approach = chance.random() < 0.5
            rows.append(
                IncidentRow(
                    **where,
                    quarter=chance.randint(1, 4),
                    kind=Kind.APPROACH if approach else chance.choice([kind for kind in Kind if kind is not Kind.APPROACH]),
                    warned=chance.choices(list(Warned), (90, 5, 2))[0] if approach else None,
                    lead_s=10 * chance.randint(0, 90) if approach else None,
                    blind_s=None if approach else 10 * chance.randint(0, 900),
                    outcome=chance.choice(list(Outcome)),
                    breach=chance.choice((None, True, False)),
                    harm=chance.choices((None, *HarmDone), (80, 100, 5, 2, 1))[0],
                )
            )
        part = chance.choice((None, True, True, False))
        rows.append(
            OrderRow(
                **where,
                quarter=1,
                basis_id="kr-provisional",
                tagged=chance.random() < 0.3,
                protecting_s=chance.choice((None, 3600)),
                status=chance.choice(list(Status)),
                took_part=part,
                dropped_why=chance.choice(DROPPED) if part is False else None,
            )
        )
        if chance.random() < 0.2:
            decision = chance.choice(list(Decision))
            why = chance.choice((None, *REFUSED)) if decision is Decision.REFUSED else None
            rows.append(PetitionRow(**where, quarter=2, decision=decision, why=why, decided_s=7200))
    return rows
