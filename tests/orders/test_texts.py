"""What tasks say: in every language, for every reason, under the names of the day."""

import datetime as dt

import pytest

from jikimi.model.agencies import name_on
from jikimi.model.petition import Party
from jikimi.model.register import MeasureKind
from jikimi.orders.duration import Mismatch
from jikimi.orders.funnel import Step
from jikimi.orders.tasks import Reason, Task
from jikimi.orders.texts import task_text
from jikimi.policy.agencies import tables
from tests.orders.world import SEOUL, at, away, court_order

ORDER = court_order(away(name="measure-17"))


def task(reason, about=None):
    return Task(
        task_id="t", owner="o", reason=reason, made_ms=at("2026-04-18"), due_ms=at("2026-05-02 18:00"), order_id="order-1", about=about
    )


@pytest.mark.parametrize("policy_id", ["kr", "es", "fr"])
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_text_in_every_language(policy_id, reason):
    table = tables()[policy_id]
    texts = [task_text(task(reason, "measure-17"), ORDER, table, language, SEOUL) for language in table.languages]
    assert len({text.text for text in texts}) == len(table.languages) == 2
    assert all(text.title and "{" not in text.title + text.text for text in texts)


@pytest.mark.parametrize("policy_id", ["kr", "es", "fr"])
def test_everything_a_task_may_be_about_has_a_word(policy_id):
    steps = set(Step) - {Step.ORDERED}
    assert {*MeasureKind, *Mismatch, *steps, *Party} <= set(tables()[policy_id].words)


def test_a_measures_end_is_said_with_its_day_where_it_ends():
    text = task_text(task(Reason.MEASURE_ENDS, "measure-17"), ORDER, tables()["kr"], "en", SEOUL)
    assert text.text == "The measure “no approach” ends on 2026-05-02, 18:00. Decide whether an extension is to be requested."


def test_no_name_of_a_device_a_link_or_a_measure_is_said():
    for about in ("tag-7", "c152626d2ef44889ac674c70"):
        text = task_text(task(Reason.NOT_REPORTING, about), ORDER, tables()["kr"], "ko", SEOUL)
        assert about not in text.title + text.text


def test_an_office_has_the_name_of_the_day():
    kr = tables()["kr"]
    assert name_on(kr, "prosecution", dt.date(2026, 10, 1), "ko") == "검찰청"
    assert name_on(kr, "prosecution", dt.date(2026, 10, 2), "ko") == "공소청"
    assert name_on(kr, "prosecution", dt.date(1990, 1, 1), "ko") is None
    assert name_on(kr, "nobody", dt.date(2026, 1, 1), "ko") is None


def test_a_text_that_is_not_there_is_said_to_be_missing():
    with pytest.raises(LookupError):
        task_text(task(Reason.LINK), ORDER, tables()["kr"], "fr", SEOUL)
