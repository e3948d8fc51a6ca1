"""Answers of somebody who never was, to the Korean form."""

import datetime as dt

from jikimi.policy.petitions import forms

FORM = forms()["kr-stalking-protection"]
FILED = dt.date(2027, 6, 10)
ANSWERS = {
    "your_name": "김하나",
    "your_birth": "1990-01-02",
    "your_address": "보라시 연두동 77-1",
    "your_contact": "safe@example.org",
    "his_name": "박둘",
    "relation": "former_partner",
    "declined_by": "police",
    "declined_on": "2027-05-01",
    "acts": ("approach", "messages"),
    "first_act": "2027-01-01",
    "last_act": "2027-04-30",
    "story": "처음에는 전화가 왔습니다.\n그 다음에는 집 앞에서 기다렸습니다.",
    "threats": True,
    "threats_how": "죽이겠다고 했습니다.",
    "violence": False,
    "fear": "혼자 있을 때 무섭습니다.",
    "measures": ("no_approach", "no_contact"),
    "places": ("보라시 연두동 77-1", "하늘빛 서점"),
    "interim": True,
    "urgent_why": "어제도 왔습니다.",
    "ground": "act",
    "court": "seoul-central",
    "truth": True,
}


def answers(**changed):
    """Answers with some changed; None takes one away."""
    return {name: value for name, value in {**ANSWERS, **changed}.items() if value is not None}
