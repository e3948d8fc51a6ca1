"""Petitions of people who never were, for the inbox of a demonstration's court. Their days lie before whatever day it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple

from jikimi.model.petition import Answer, PetitionForm
from jikimi.petitions.document import Papers, written
from jikimi.petitions.package import exhibit

FORM: Final = "kr-stalking-protection"
COURT: Final = "seoul-central"
MESSAGES: Final = "시연용 문자 기록. 실제 인물이 아닙니다.\n1. 왜 전화를 안 받아?\n2. 집 앞이야.\n3. 나와.\n"

_ANSWERS: Final[Mapping[str, Answer]] = {
    "your_name": "시연 청구인",
    "your_birth": "1990-01-02",
    "your_address": "시연시 예시동 1",
    "your_contact": "petitioner@example.org",
    "his_name": "시연 상대방",
    "relation": "former_partner",
    "declined_by": "police",
    "acts": ("approach", "waiting", "messages"),
    "story": "헤어진 뒤 전화와 문자가 이어졌습니다.\n그만하라고 두 번 말했습니다.\n그 뒤로 집 앞에서 기다렸습니다.",
    "threats": True,
    "threats_how": "나오지 않으면 가만두지 않겠다고 했습니다.",
    "violence": False,
    "fear": "밤에 집에 들어갈 때 무섭습니다.",
    "measures": ("no_approach", "no_contact"),
    "places": ("시연시 예시동 1", "시연시 예시동 20, 직장"),
    "interim": True,
    "urgent_why": "어제도 집 앞에 있었습니다.",
    "ground": "act",
    "court": COURT,
    "evidence": ("문자 기록",),
    "truth": True,
}
_LATE: Final[Mapping[str, Answer]] = {
    "your_name": "시연 청구인 둘",
    "your_address": "시연시 예시동 7",
    "his_name": "시연 상대방 둘",
    "relation": "work",
    "acts": ("waiting", "things"),
    "threats": False,
    "story": "퇴근길에 같은 곳에서 기다립니다.\n자리에 물건을 두고 갑니다.",
    "places": ("시연시 예시동 7",),
}


class Played(NamedTuple):
    """One petition: its papers, its exhibits, and how long ago it came, hours."""

    papers: Papers
    exhibits: Mapping[str, bytes]
    hours_ago: float


def played(form: PetitionForm, today: dt.date) -> list[Played]:
    """Return two petitions: the first decision of one is overdue, the other has some of its 48 hours left."""
    return [_one(form, today, "late", _LATE, 50.0), _one(form, today, "early", {}, 20.0)]


def _one(form: PetitionForm, today: dt.date, name: str, changed: Mapping[str, Answer], hours_ago: float) -> Played:
    def ago(days: int) -> str:
        return (today - dt.timedelta(days=days)).isoformat()

    days: dict[str, Answer] = {"declined_on": ago(21), "first_act": ago(120), "last_act": ago(3)}
    answers = {key: value for key, value in {**_ANSWERS, **days, **changed}.items() if key != "threats_how" or changed.get("threats", True)}
    body = MESSAGES.encode()
    made = exhibit("messages.txt", "문자 기록", "text/plain", body)
    papers = written(form, answers, petition_id=f"demonstration-{name}", day=today - dt.timedelta(days=hours_ago // 24), exhibits=(made,))
    return Played(papers, {made.name: body}, hours_ago)
