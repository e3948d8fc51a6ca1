"""Cases that the server's checks and her page's must both pass: ``web/protected/papers/vectors.json`` is written from here.

``python -m tests.petitions.vectors`` writes it anew.
"""

import datetime as dt
import json
from pathlib import Path

import msgspec

from jikimi.petitions.answers import asked, filed, standing
from jikimi.policy.petition_texts import in_languages
from tests.petitions.case import FORM, answers

FILE = Path(__file__).parents[2] / "web" / "protected" / "papers" / "vectors.json"
LONG = "가" * 4_001
CHANGES = [
    ({}, "2027-06-10"),
    ({}, "2027-07-29"),
    ({}, "2027-07-30"),
    ({}, "2027-07-31"),
    ({}, "2027-08-02"),
    ({"declined_on": "2027-05-02"}, "2027-08-02"),
    ({"declined_on": "2027-05-02"}, "2027-08-03"),
    ({"declined_on": "2027-07-01"}, "2027-06-10"),
    ({"declined_on": "2027-02-30"}, "2027-06-10"),
    ({"last_act": "2026-12-31"}, "2027-06-10"),
    ({"fear": LONG}, "2027-06-10"),
    ({"story": "  \n "}, "2027-06-10"),
    ({"threats": False}, "2027-06-10"),
    ({"threats": None}, "2027-06-10"),
    ({"interim": False, "urgent_why": None}, "2027-06-10"),
    ({"measures": ("no_contact",)}, "2027-06-10"),
    ({"measures": ("no_contact", "no_contact")}, "2027-06-10"),
    ({"measures": ("other",)}, "2027-06-10"),
    ({"measures": "no_contact"}, "2027-06-10"),
    ({"relation": "nobody"}, "2027-06-10"),
    ({"truth": False}, "2027-06-10"),
    ({"witnesses": ("",)}, "2027-06-10"),
    ({"witnesses": ("x",) * 201}, "2027-06-10"),
    ({"your_name": "😀" * 200}, "2027-06-10"),
    ({"your_name": "😀" * 201}, "2027-06-10"),
    ({}, "2027-04-21"),
]


def case(changed, today):
    """Return one case with what the server says of it."""
    said = answers(**changed)
    found = standing(FORM, said, dt.date.fromisoformat(today))
    return {
        "answers": said,
        "today": today,
        "asked": [one.question_id for one in asked(FORM, said)],
        "filed": sorted(filed(FORM, said)),
        "missing": [one.question_id for one in found.missing],
        "wrong": [[one.question_id, one.fault.value] for one in found.wrong],
        "mend": [one.check.check_id for one in found.mend],
        "stops": [[one.check.check_id, None if one.last_day is None else one.last_day.isoformat()] for one in found.stops],
        "opens": None if found.opens is None else found.opens.isoformat(),
        "ready": found.ready,
    }


def written():
    """Return the file."""
    found = {"form": msgspec.to_builtins(in_languages(FORM, ("en",))), "cases": [case(*one) for one in CHANGES]}
    return json.dumps(found, ensure_ascii=False, indent=1, default=list) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
