"""Every new order meets every tag, and every new tag every order: the story of March 2026, and what it must never become."""

import datetime as dt

import pytest

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act, Protected, Standing
from jikimi.orders.dossier import LinkState
from jikimi.orders.duration import RefusedError
from jikimi.orders.matching import Identifiers, Strength
from jikimi.orders.pairs import pairs_of
from jikimi.orders.project import orders_in_force
from jikimi.orders.tasks import Reason
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules
from tests.orders.test_clerk import asked
from tests.orders.world import at, away, court_order, tag

MINUTE = 60_000
HIM = Identifiers(national_id="850203-1122334", names=("김도현",), birth_date=dt.date(1985, 2, 3), phone="010-5555-0123")
NOW = at("2026-03-09 16:20")


def sentence(**more):
    """A tag after a sentence, years ago, for another crime: it protects nobody in particular."""
    plain = {
        "order_id": "tag-order",
        "basis_id": "kr-attachment",
        "legal_basis": "Act on Electronic Monitoring, art. 9",
        "owner": "probation-seo",
        "tag_officer": "tag-kim",
        "monitored_ids": ("m-old",),
        "protected": (),
        "decided_ms": at("2024-01-10"),
    }
    return court_order(tag(since="2024-01-10", until="2034-01-10"), **{**plain, **more})


def restraint(**more):
    """Her restraining order, entered by another office under a record of its own, without a tag."""
    plain = {
        "order_id": "her-order",
        "owner": "officer-yoon",
        "monitored_ids": ("m-new",),
        "protected": (Protected(person_id="p-1", standing=Standing.VICTIM),),
        "decided_ms": NOW,
    }
    return court_order(away(since="2026-03-09", until="2026-06-09"), **{**plain, **more})


def entered(clerk, order, who=None, now=NOW):
    return clerk.enter(order, now_ms=now, by="clerk-han", who={order.monitored_ids[0]: who} if who is not None else {})


def test_march_2026_his_supervisors_are_told_of_her_order_within_the_minute(clerk, page):
    # Given a man who wears a tag under an old sentence, known to the probation office
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    # When another office enters her restraining order against him, as a record of its own, with his name in Latin letters
    his_other_record = Identifiers(national_id="8502031122334", names=("Kim Do-hyun",), birth_date=dt.date(1985, 2, 3))
    links = entered(clerk, restraint(), his_other_record).links
    # Then in the same moment a link is proposed, and its owner is the one who watches the tag, by name, with a task
    (link,) = links
    assert (link.order_id, link.tag_order_id) == ("her-order", "tag-order")
    assert (link.owner, link.strength, link.state) == ("tag-kim", Strength.CERTAIN, LinkState.PROPOSED)
    assert link.opened_ms - NOW < 60_000
    (task,) = page.tasks(owner="tag-kim", is_open=True)
    assert (task.reason, task.about, task.order_id) == (Reason.LINK, link.link_id, "tag-order")
    assert task.due_ms == NOW + 60 * MINUTE
    # And when he confirms it, both owners must tell each other, and ask whether the tag shall watch her order
    clerk.decide_link(link.link_id, confirmed=True, now_ms=NOW + MINUTE, by="tag-kim", reason="same number on both")
    told = asked(page.tasks(is_open=True), Reason.LINK_CONFIRMED)
    assert {(one.owner, one.order_id) for one in told} == {("tag-kim", "tag-order"), ("officer-yoon", "her-order")}
    assert page.tasks(owner="tag-kim", is_open=False)[0].outcome == "confirmed"
    # And the two records are one from then on, so that when the court lets the tag watch her order, the core watches her at once
    assert page.dossier("her-order").order.monitored_ids == ("m-old",)
    tag_for_her = tag(since="2026-03-10", until="2026-06-09")
    clerk.add_measure("her-order", tag_for_her, at_ms=at("2026-03-10"), now_ms=at("2026-03-10"), by="officer-yoon", reason="court of today")
    (told,) = orders_in_force([one.order for one in page.dossiers()], at("2026-03-10"))
    (pair,) = pairs_of(told, preset("kr"), pair_rules)
    assert (pair.monitored_id, pair.protected_id) == ("m-old", "p-1")


def test_an_order_with_a_tag_of_its_own_keeps_its_own_record(clerk, page):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    tagged = restraint(measures=(away(since="2026-03-09", until="2026-06-09"), tag(since="2026-03-09", until="2026-06-09")))
    for link in entered(clerk, tagged, HIM).links:
        clerk.decide_link(link.link_id, confirmed=True, now_ms=NOW, by="tag-kim", reason="same number")
    assert page.dossier("her-order").order.monitored_ids == ("m-new",)


def test_a_link_can_be_settled_after_an_order_has_ended(clerk, page):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    (link,) = entered(clerk, restraint(), HIM).links
    clerk.act("her-order", Act.REVOKE, at_ms=NOW, now_ms=NOW, by="x", reason="x")
    assert asked(page.tasks(is_open=True), Reason.LINK) != []
    clerk.decide_link(link.link_id, confirmed=True, now_ms=NOW, by="tag-kim", reason="same number")
    assert page.dossier("her-order").order.monitored_ids == ("m-new",)


def test_a_tag_that_came_back_is_no_tag(clerk):
    order = restraint(order_id="tag-order", monitored_ids=("m-old",), tag_officer="tag-kim")
    entered(clerk, order, HIM)
    clerk.give_out("tag-order", "tag-7", DeviceKind.TAG, "m-old", now_ms=NOW, by="tag-kim")
    clerk.take_back("tag-7", now_ms=NOW, by="tag-kim")
    assert entered(clerk, restraint(), HIM).links == []


@pytest.mark.parametrize(
    "who", [Identifiers(national_id="1" * 81), Identifiers(names=("x",) * 11), Identifiers(phone="1", country_code="korea")]
)
def test_what_can_be_no_identifier_is_refused_before_it_costs_anything(clerk, page, who):
    with pytest.raises(RefusedError):
        entered(clerk, restraint(), who)
    assert page.dossiers() == []


def test_the_other_way_round_a_new_tag_meets_the_orders_in_force(clerk):
    entered(clerk, restraint(), HIM)
    (link,) = entered(clerk, sentence(decided_ms=NOW), HIM).links
    assert (link.order_id, link.tag_order_id) == ("her-order", "tag-order")


def test_a_tag_given_out_without_a_measure_for_it_is_a_tag_all_the_same(clerk):
    parole = sentence(protected=(Protected(person_id="p-9", standing=Standing.VICTIM),))
    only_away = court_order(
        away(since="2024-01-10", until="2034-01-10"),
        **{
            name: getattr(parole, name)
            for name in ("order_id", "basis_id", "owner", "tag_officer", "monitored_ids", "protected", "decided_ms")
        },
    )
    entered(clerk, only_away, HIM, now=at("2024-01-10"))
    assert entered(clerk, restraint(), HIM).links == []
    (link,) = clerk.give_out("tag-order", "tag-7", DeviceKind.TAG, "m-old", now_ms=NOW + 1, by="tag-kim")
    assert (link.order_id, link.tag_order_id, link.owner) == ("her-order", "tag-order", "tag-kim")


@pytest.mark.parametrize(
    ("who", "strength"),
    [
        (Identifiers(names=("김도현",), birth_date=dt.date(1985, 2, 3)), Strength.LIKELY),
        (Identifiers(names=("Dohyun KIM",), birth_date=dt.date(1985, 2, 3)), Strength.NEAR),
        (Identifiers(national_id="850203-1122343"), Strength.NEAR),
        (Identifiers(phone="+82 10 5555 0123"), Strength.NEAR),
    ],
)
def test_what_is_not_certain_is_looked_at_first(clerk, page, who, strength):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    (link,) = entered(clerk, restraint(), who).links
    assert (link.strength, link.state, link.owner) == (strength, LinkState.REVIEW, "tag-kim")
    clerk.decide_link(link.link_id, confirmed=False, now_ms=NOW + 1, by="tag-kim", reason="another man: different fingerprints")
    assert asked(page.tasks(), Reason.LINK_CONFIRMED) == []
    assert asked(page.tasks(is_open=True), Reason.LINK) == []
    with pytest.raises(RefusedError, match="settled before"):
        clerk.decide_link(link.link_id, confirmed=True, now_ms=NOW + 2, by="x", reason="x")


def test_another_man_opens_nothing(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    other = Identifiers(national_id="900101-1999999", names=("박철수",), birth_date=dt.date(1990, 1, 1), phone="010-1111-2222")
    assert entered(clerk, restraint(), other).links == []


def test_one_record_under_two_orders_needs_no_identifiers(clerk):
    entered(clerk, sentence(), now=at("2024-01-10"))
    (link,) = entered(clerk, restraint(monitored_ids=("m-old",))).links
    assert (link.strength, link.kinds) == (Strength.CERTAIN, ("record",))


def test_identifiers_learned_later_are_compared_then_and_a_refused_link_stays_refused(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    assert entered(clerk, restraint()).links == []
    (link,) = clerk.identify("m-new", HIM, now_ms=NOW + 1)
    clerk.decide_link(link.link_id, confirmed=False, now_ms=NOW + 2, by="tag-kim", reason="x")
    assert clerk.identify("m-new", HIM, now_ms=NOW + 3) == []


def test_a_draft_is_compared_when_it_is_decided(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    assert entered(clerk, restraint(decided_ms=None), HIM).links == []
    assert len(clerk.decide("her-order", decided_ms=NOW, now_ms=NOW, by="x").links) == 1


def test_ended_orders_and_tags_are_compared_with_nobody(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    clerk.act("tag-order", Act.REVOKE, at_ms=NOW, now_ms=NOW, by="x", reason="x")
    assert entered(clerk, restraint(), HIM).links == []


def test_a_suspended_order_is_compared_it_may_go_on_tomorrow(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    clerk.act("tag-order", Act.SUSPEND, at_ms=NOW, now_ms=NOW, by="x", reason="detained")
    assert len(entered(clerk, restraint(), HIM).links) == 1


def test_nobody_is_linked_to_a_protected_person(clerk):
    entered(clerk, sentence(), HIM, now=at("2024-01-10"))
    order = restraint()
    assert clerk.enter(order, now_ms=NOW, by="x", who={"p-1": HIM}).links == []
