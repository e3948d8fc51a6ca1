"""What a task says to its owner, in her or his language. Every word is data; nothing is glued from pieces here."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jikimi.model.agencies import Agencies, template_on
from jikimi.model.register import CourtOrder
from jikimi.orders.tasks import Task


class Text(NamedTuple):
    """A title and a text."""

    title: str
    text: str


def task_text(task: Task, order: CourtOrder, agencies: Agencies, language: str, zone: ZoneInfo) -> Text:
    """Return what to show for a task.

    Args:
        task: the task.
        order: the order it belongs to; its measures' kinds are named.
        agencies: the jurisdiction's texts.
        language: one of the table's languages.
        zone: in which days and times are said.

    Raises:
        LookupError: the table has no such language, or no text for this reason on the day the task arose.
    """
    template = template_on(agencies, task.reason.value, dt.datetime.fromtimestamp(task.made_ms / 1000, zone).date())
    if template is None or language not in agencies.languages:
        raise LookupError("The table of texts has none for this reason, day and language.")
    due = dt.datetime.fromtimestamp(task.due_ms / 1000, zone)
    values = {"day": due.date().isoformat(), "time": due.strftime("%H:%M"), "about": _about(task, order, agencies, language)}
    return Text(template.title[language].format_map(values), template.text[language].format_map(values))


def _about(task: Task, order: CourtOrder, agencies: Agencies, language: str) -> str:
    """Return the word for what the task is about; nothing where that is a name of a device or a link, which tells a reader nothing."""
    kind = next((measure.kind.value for measure in order.measures if measure.measure_id == task.about), task.about)
    word = agencies.words.get(kind) if kind is not None else None
    return word[language] if word is not None else ""
