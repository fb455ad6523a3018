"""Rotated blocks and planned booklets: balanced, kept, and the same for everybody."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments.item_order import Arrangement, balanced_orders
from surveyapp.assessments.questions import arranged_questions, questions_of
from surveyapp.assessments.start import begin
from surveyapp.models import Assessment, Reply
from surveyapp.scoring import coded_responses, score_assessment

from ...factories import LONG_AGO, make_campaign, make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.any_database

PILOT = {"service_user": "pilot_service_user.v1"}


@pytest.fixture
def rotated(session):
    return make_campaign(session, item_order="rotated")


@pytest.fixture
def in_booklets(session):
    return make_campaign(
        session, instruments=PILOT, item_order="booklets", booklet_length=30
    )


def arrivals(session, campaign, n, **given):
    """Assessments of `n` people who begin one after another."""
    link = make_invitation(session, campaign, is_open=True, **given)
    for _ in range(n):
        begun = begin(link, now=LONG_AGO, perspective="service_user")
        session.add(begun)
        session.flush()
        yield begun


def test_each_block_is_first_equally_often(session, rotated):
    plans = [questions_of(a) for a in arrivals(session, rotated, 12)]
    first = Counter(plan.blocks[0].prerequisite for plan in plans)
    assert first == dict.fromkeys(bank.PREREQUISITES, 2)
    assert {len(plan.items) for plan in plans} == {30}


def test_a_place_of_someone_who_withdrew_is_filled_again(session, rotated):
    begun = [*arrivals(session, rotated, 8)]
    begun[3].withdrawn_at = LONG_AGO
    session.flush()
    (replacement,) = arrivals(session, rotated, 1, token="another")
    assert replacement.arrangement == begun[3].arrangement


def test_booklets_and_orders_never_differ_by_more_than_one(session, in_booklets):
    booklets, orders = Counter(), Counter()
    for text in islice(
        balanced_orders(session, in_booklets, PILOT["service_user"]), 200
    ):
        number = Arrangement.read(text).number
        booklets[number % 13] += 1
        orders[number % 6] += 1
        for counts, parts in ((booklets, 13), (orders, 6)):
            spread = [counts[part] for part in range(parts)]
            assert max(spread) - min(spread) <= 1


@pytest.mark.both_databases
def test_two_who_begin_at_once_are_given_different_orders(app, session, rotated):
    make_invitation(session, rotated, is_open=True)
    session.commit()
    with ThreadPoolExecutor(4) as people:
        waiting = [
            people.submit(Visitor(app.test_client()).begin, "carer") for _ in range(6)
        ]
        for one in waiting:
            one.result()
    given = session.scalars(select(Assessment.arrangement)).all()
    assert sorted(given) == [f"rotated:{n}" for n in range(6)]


def test_everybody_gets_the_anchors_and_about_as_many_items(session, in_booklets):
    plans = [questions_of(a) for a in arrivals(session, in_booklets, 13)]
    anchors = set(plans[0].whole.anchors)
    asked = Counter(item.id for plan in plans for item in plan.items)
    assert all(asked[anchor] == 13 for anchor in anchors)
    assert {n for item, n in asked.items() if item not in anchors} == {4}
    assert all(29 <= len(plan.items) <= 32 for plan in plans)


def test_items_of_other_booklets_neither_count_nor_are_missing(session, in_booklets):
    (begun,) = arrivals(session, in_booklets, 1)
    form = [Reply(i.id, i.version, value=3) for i in questions_of(begun).items]
    begun.record(form, now=LONG_AGO)
    coded = coded_responses([begun], questions_of(begun).whole)
    assert int(coded.applies.iloc[0].sum()) == len(form)
    scores = {s.scale: s for s in score_assessment(begun, now=LONG_AGO)}
    assert scores["involvement"].n_applicable == len(form)
    assert all(s.value == 75 for s in scores.values())


def test_no_plan_settles_only_items_that_the_person_would_be_asked(
    session, in_booklets
):
    (begun,) = arrivals(session, in_booklets, 1)
    begun.care_plan = "no"
    coded = coded_responses([begun], questions_of(begun).whole)
    settled = coded.responses.iloc[0].dropna()
    assert set(settled.index) == set(questions_of(begun).instrument.gate.when_no)


def test_a_campaign_that_changes_its_mind_changes_nothing_for_those_who_began(
    session, rotated
):
    first, second = arrivals(session, rotated, 2)
    rotated.item_order = "as_printed"
    assert questions_of(second).blocks[0].prerequisite == "coordination"
    assert questions_of(first).blocks[0].prerequisite == "parity"


def test_a_form_printed_as_a_booklet_keeps_it_however_it_is_answered(
    session, in_booklets
):
    given = {"arrangement": "booklets:30:5", "perspective": "service_user"}
    (begun,) = arrivals(session, in_booklets, 1, **given)
    assert begun.arrangement == "booklets:30:5"


def test_a_form_no_longer_than_a_booklet_is_given_whole_in_turns(session):
    short = make_campaign(session, item_order="booklets", booklet_length=30)
    plans = [questions_of(a) for a in arrivals(session, short, 2)]
    assert [len(plan.items) for plan in plans] == [30, 30]
    assert plans[1].blocks[0].prerequisite == "coordination"


def test_a_whole_printed_form_is_keyed_whole(session, in_booklets):
    link = make_invitation(session, in_booklets, is_open=True)
    keyed = begin(link, now=LONG_AGO, mode="paper", perspective="service_user")
    assert questions_of(keyed).not_asked == frozenset()


@pytest.mark.parametrize("text", ["rotated:0", "rotated:5", "booklets:36:40"])
def test_an_arrangement_survives_being_stored(text):
    assert Arrangement.read(text).text == text
    plan = arranged_questions(PILOT["service_user"], text)
    assert {i.id for i in plan.items} | plan.not_asked == {
        i.id for i in plan.whole.items
    }


def test_a_whole_journey_goes_through_the_booklet_and_no_further(
    session, in_booklets, client
):
    make_invitation(session, in_booklets, is_open=True)
    visitor = Visitor(client).begin()
    plan = questions_of(session.scalars(select(Assessment)).one())
    for number, item in enumerate(plan.items, start=1):
        visitor.get(f"/survey/{number}")
        assert f"Question {number} of {len(plan.items)}" in visitor.page
        visitor.post(**{item.id: "4"})
    visitor.submit()
    assert visitor.path == "/survey/done"
    assert visitor.get(f"/survey/{len(plan.items) + 1}").status_code == 200
    session.rollback()
    stored = session.scalars(select(Assessment)).one()
    assert {a.item_id for a in stored.answers} == {i.id for i in plan.items}
    assert visitor.path == "/survey/done"


def test_the_perspective_chosen_decides_the_form_that_is_rotated(
    session, rotated, client
):
    make_invitation(session, rotated, is_open=True)
    session.commit()
    for _ in range(2):
        Visitor(client.application.test_client()).begin("carer")
    given = session.scalars(select(Assessment).order_by(Assessment.id)).all()
    assert [a.arrangement for a in given] == ["rotated:0", "rotated:1"]
    assert {a.instrument for a in given} == {"short_carer.v1"}


def test_mixed_items_are_scored_like_any_and_given_in_every_order(session):
    campaign = make_campaign(session, item_order="mixed")
    begun = [*arrivals(session, campaign, 10)]
    given = Counter(a.arrangement for a in begun)
    assert given == {f"mixed:{number}": 1 for number in range(10)}
    plan = questions_of(begun[3])
    assert {len(questions_of(a).items) for a in begun} == {30}
    assert len(plan.blocks) == 2 and plan.not_asked == frozenset()
    replies = [Reply(i.id, i.version, value=3) for i in plan.items]
    begun[3].record(replies, now=LONG_AGO)
    scores = {s.scale: s.value for s in score_assessment(begun[3], now=LONG_AGO)}
    assert scores["involvement"] == scores["trust"] == 75


def test_pages_of_mixed_items_say_the_forms_title_and_no_part(app, session):
    campaign = make_campaign(session, item_order="mixed")
    make_invitation(session, campaign, is_open=True)
    session.commit()
    visitor = Visitor(app.test_client())
    visitor.begin("carer")
    form = bank.instrument(campaign.instrument_ref("carer"))
    titles = {block.title for block in form.blocks if block.id != "living_document"}
    page = visitor.client.get("/survey/1").get_data(as_text=True)
    assert form.title in page and form.recall in page
    assert not any(title in page for title in titles)
