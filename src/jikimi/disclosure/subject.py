"""What the monitored person is told of the use of his data: a document that the office hands to him on his request.

Whatever the desk and the responders look at, they look at because of where she is: when, how often and whether at all would tell him of
her. So nothing of that stands in it but the kinds of offices and purposes that his law allows. What does not hang on her is said in full:
the orders, the measures' ends, how long what is kept, and the copies that a court permitted, each once the policy's delay is over.
The text passes the check of everything that goes to him, and no name of a protected person may stand in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from jikimi.disclosure.copying import Copy, Status
from jikimi.model.access import Purpose
from jikimi.model.retention import DataClass

DAY_MS: Final = 86_400_000
LANGUAGES: Final = ("ko", "en")


class Named(Exception):  # noqa: N818 - it is no error of ours: a name was found where none may stand
    """A protected person's name or id would stand in a document for the monitored person. It is not made."""


class OwnOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One of his orders: on what it rests, when it began and ends, and when each class of data is erased (None: not before it ends)."""

    legal_basis: str
    from_ms: int
    until_ms: int
    due: dict[DataClass, int | None]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that the document is made of. Nothing of it depends on where anybody else is.

    Attributes:
        made_ms: when it is made.
        time_zone: of his law.
        purposes: which his law knows.
        delay_days: the policy's ``his_delay_days``.
        orders: his own.
        copies: those about him.
        forbidden: names and ids that may not stand in it.
    """

    made_ms: int
    time_zone: str
    purposes: tuple[Purpose, ...]
    delay_days: float
    orders: Sequence[OwnOrder]
    copies: Sequence[Copy]
    forbidden: Collection[str]


_TEXT: Final[dict[str, dict[str, str]]] = {
    "title": {"ko": "# 나의 위치 정보 이용 안내", "en": "# How your location data are used"},
    "made": {"ko": "작성일: {day}. 요청에 따라 기관이 드립니다.", "en": "Made on {day}. The office gives it to you because you asked."},
    "what": {"ko": "## 무엇을 수집하는가", "en": "## What is collected"},
    "what_text": {
        "ko": "장치가 보내는 위치, 시각, 오차, 배터리 상태.",
        "en": "The positions that your device sends, with their time, their error and the state of its battery.",
    },
    "purposes": {"ko": "## 무엇에 쓰고 누가 보는가", "en": "## What they are used for, and who may see them"},
    "own_safety": {"ko": "- 명령의 이행 감독", "en": "- To watch over the order"},
    "response": {
        "ko": "- 명령의 이행 감독과 출동: 관제실과 출동 기관",
        "en": "- To watch over the order and to send somebody: the control room, and the agencies that are asked",
    },
    "investigation": {"ko": "- 수사: 법원의 허가를 받은 수사관", "en": "- Investigation: an officer with a court's permission"},
    "export": {
        "ko": "- 기록 제출: 법원, 본인 또는 다른 기관에 기록 전부를 넘기는 일, 두 사람의 승인으로",
        "en": "- A whole record handed to a court, to the person, or to another office: two persons stand for it",
    },
    "logged": {
        "ko": "볼 때마다 먼저 기록하며, 기록은 고칠 수 없습니다. 개별 열람의 시각은 이 문서에 적지 않습니다.",
        "en": "Each time is written down first, in a record that cannot be changed. Single times are not in this document.",
    },
    "copies": {"ko": "## 수사를 위한 사본", "en": "## Copies for investigations"},
    "none": {"ko": "알려 드릴 사본이 없습니다.", "en": "There is none to tell you of."},
    "delay": {"ko": "사본은 만든 지 {days}일 뒤에 알려 드립니다.", "en": "A copy is told to you {days} days after it was made."},
    "copy": {"ko": "- {day}: {court}, {number}", "en": "- {day}: {court}, {number}"},
    "copy_none": {
        "ko": "- {day}: 법원 허가 없이 긴급히 만들었고, 삭제했습니다.",
        "en": "- {day}: made in an emergency without a court's permission, and erased.",
    },
    "kept": {"ko": "## 명령과 보관 기간", "en": "## Your orders, and how long what is kept"},
    "order": {"ko": "### {basis}, {first}부터 {last}까지", "en": "### {basis}, from {first} to {last}"},
    "due": {"ko": "- {name}: {day}에 삭제", "en": "- {name}: erased on {day}"},
    "open": {"ko": "- {name}: 명령이 끝난 뒤 법이 정한 때에 삭제", "en": "- {name}: erased when the law says so after the order ends"},
    "rights": {"ko": "## 권리", "en": "## Your rights"},
    "rights_text": {
        "ko": "정정과 삭제를 요구하고, 감독 기관과 법원에 이의를 낼 수 있습니다. 이 기관의 개인정보 보호책임자에게 말씀하세요.",
        "en": "You may ask for correction and erasure, and complain to the supervisory authority and to a court. "
        "Speak to this office's data protection officer.",
    },
}  # fmt: skip
_CLASSES: Final[dict[DataClass, dict[str, str]]] = {
    DataClass.POSITIONS: {"ko": "위치", "en": "positions"},
    DataClass.INCIDENTS: {"ko": "사건 기록", "en": "records of incidents"},
    DataClass.REGISTER: {"ko": "명령 등록", "en": "the order's record"},
    DataClass.LEDGER: {"ko": "열람 기록의 정보주체 표시", "en": "whom the record of looks is about"},
}


def texts() -> list[str]:
    """Return every fixed text, for the check of what goes to him."""
    return [text for named in (*_TEXT.values(), *_CLASSES.values()) for text in named.values()]


def document(facts: Facts, language: str) -> str:
    """Return the document in a language, as plain text with marks of Markdown.

    Raises:
        Named: a name that may not stand in it would.
    """
    told = "\n".join([*_about(facts, language), *_copies(facts, language), *_orders(facts, language), *_rights(language), ""])
    if any(_stands(name, told) for name in facts.forbidden):
        raise Named
    return told


def _stands(name: str, told: str) -> bool:
    """Return whether a name stands in a text: as a word of its own in Latin letters, anywhere in others, which write on without a gap."""
    return bool(name) and re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", told, re.IGNORECASE) is not None


def _about(facts: Facts, language: str) -> list[str]:
    said = {name: text[language] for name, text in _TEXT.items()}
    purposes = [said[purpose.value] for purpose in facts.purposes if purpose is not Purpose.OWN_SAFETY]
    made = said["made"].format(day=_day(facts.made_ms, facts))
    return [said["title"], "", made, "", said["what"], said["what_text"], "", said["purposes"], *purposes, said["logged"], ""]


def _copies(facts: Facts, language: str) -> list[str]:
    said = {name: text[language] for name, text in _TEXT.items()}
    told = [copy for copy in facts.copies if copy.made_ms + facts.delay_days * DAY_MS <= facts.made_ms and _settled(copy)]
    lines = [_copy(copy, facts, language) for copy in sorted(told, key=lambda copy: copy.made_ms)] or [said["none"]]
    return [said["copies"], said["delay"].format(days=f"{facts.delay_days:g}"), *lines, ""]


def _settled(copy: Copy) -> bool:
    return copy.decision is not None or copy.status is Status.ERASED


def _copy(copy: Copy, facts: Facts, language: str) -> str:
    day = _day(copy.made_ms, facts)
    if copy.decision is None:
        return _TEXT["copy_none"][language].format(day=day)
    return _TEXT["copy"][language].format(day=day, court=copy.decision.court, number=copy.decision.number)


def _orders(facts: Facts, language: str) -> list[str]:
    lines = [_TEXT["kept"][language]]
    for order in sorted(facts.orders, key=lambda one: (one.from_ms, one.legal_basis)):
        first, last = _day(order.from_ms, facts), _day(order.until_ms - 1, facts)
        lines.append(_TEXT["order"][language].format(basis=order.legal_basis, first=first, last=last))
        for data, due_ms in order.due.items():
            name = _CLASSES[data][language]
            text = _TEXT["open" if due_ms is None else "due"][language]
            lines.append(text.format(name=name, day="" if due_ms is None else _day(due_ms, facts)))
    return [*lines, ""]


def _rights(language: str) -> list[str]:
    return [_TEXT["rights"][language], _TEXT["rights_text"][language]]


def _day(at_ms: int, facts: Facts) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000.0, ZoneInfo(facts.time_zone)).date().isoformat()
