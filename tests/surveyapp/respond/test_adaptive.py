"""An adaptive form in the journey, without scripts, one question a page."""

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.models import Assessment, Score

from ...factories import make_campaign, make_invitation, make_team, make_trust
from .adaptive_visitor import AdaptiveVisitor

REF = "demonstration_adaptive_service_user.v1"
FORM = bank.instrument(REF)


@pytest.fixture
def campaign(session):
    trust = make_trust(session, is_demonstration=True)
    instruments = {
        p: f"demonstration_adaptive_{p}.v1" for p in ("service_user", "carer")
    }
    return make_campaign(session, make_team(session, trust), instruments)


@pytest.fixture
def visitor(client, session, campaign):
    make_invitation(session, campaign, is_open=True)
    return AdaptiveVisitor(client)


def stored(session):
    session.rollback()
    return session.scalars(select(Assessment).order_by(Assessment.id)).all()[-1]


def test_at_most_twelve_questions_and_every_prerequisite_is_seen(visitor, session):
    asked = visitor.begin().answer_on()
    domains = {i.prerequisite for i in FORM.items if i.id in asked}
    assert len(domains) == 6 and 6 <= len(asked) <= 12
    assert visitor.path == "/survey/more-1"
    sitting = stored(session).sitting
    assert sitting.given == tuple(asked) and sitting.stop_reason == "precise"


def test_reloading_going_back_and_a_second_tab_show_what_was_given(visitor):
    visitor.begin()
    first = visitor.item
    visitor.get("/survey/1")
    assert visitor.item == first
    visitor.answer(3)
    second = visitor.item
    visitor.get("/survey/1")
    visitor.answer(0)
    assert (visitor.path, visitor.item) == ("/survey/2", second)
    visitor.get("/survey/")
    assert (visitor.path, visitor.item) == ("/survey/2", second)
    assert visitor.get("/survey/3").status_code == 404


def test_an_earlier_answer_may_be_changed_and_what_was_given_stays(visitor, session):
    visitor.begin()
    asked = [visitor.item]
    visitor.answer(4), asked.append(visitor.item)
    visitor.answer(4), asked.append(visitor.item)
    visitor.get("/survey/1")
    visitor.answer(0)
    visitor.get("/survey/3")
    visitor.answer(0)
    sitting = stored(session).sitting
    assert sitting.given[:3] == tuple(asked) and len(sitting.given) == 4
    thetas = [exposure.theta for exposure in sitting.exposures]
    assert thetas[2] > thetas[1] > thetas[0] > thetas[3]


def test_a_question_left_out_is_asked_about_once_and_then_counts_as_seen(
    visitor, session
):
    visitor.begin()
    left_out = visitor.item
    visitor.post()
    assert visitor.item == left_out and "Did you mean to leave this out" in visitor.page
    assert len(stored(session).sitting.given) == 1
    visitor.post(asked="yes")
    assert visitor.path == "/survey/2" and visitor.item != left_out
    step = stored(session).sitting.exposures[1]
    assert step.theta == pytest.approx(0, abs=1e-9)  # nothing is known yet


def test_reasons_are_seen_and_only_what_did_not_happen_is_scored(visitor, session):
    visitor.begin()
    visitor.answer("cannot_remember")
    visitor.answer("did_not_happen")
    _, second, third = stored(session).sitting.exposures
    assert second.theta == pytest.approx(0, abs=1e-9) and third.theta < -0.3


def test_progress_is_honest(visitor):
    visitor.begin()
    assert "Question 1 of at most 12" in visitor.page
    asked = visitor.answer_on()
    visitor.get("/survey/1")
    assert f"Question 1 of {len(asked)}" in visitor.page
    assert "See all" not in visitor.page


def test_the_information_page_promises_minutes_for_what_is_asked(visitor):
    visitor.begin()
    visitor.get("/survey/information")
    assert "5 minutes" in visitor.page


def test_stopping_keeps_the_answers_and_the_place(
    visitor, session, campaign, another_device
):
    make_invitation(session, campaign, "personal")
    session.commit()
    visitor.begin(token="personal")
    visitor.answer(1)
    here = visitor.item
    device = AdaptiveVisitor(another_device.client)
    device.open_link("personal")
    assert (device.path, device.item) == ("/survey/2", here)


def test_sending_early_is_a_wish_and_is_scored_with_its_error(visitor, session):
    visitor.begin()
    for _ in range(3):
        visitor.answer(4)
    visitor.submit()
    assert visitor.receipt
    score = session.scalars(select(Score)).one()
    assert (score.scale, score.method) == ("involvement_theta", "eap.v1")
    assert score.value > 0.5 and 0.3 < score.se < 1
    assert score.calibration == "demonstration_service_user.v1"
    assert stored(session).sitting.stop_reason == "wish"


def test_too_few_answers_give_no_score(visitor, session):
    visitor.begin()
    for _ in range(2):
        visitor.answer(4)
    visitor.submit()
    score = session.scalars(select(Score)).one()
    assert (score.value, score.reason) == (None, "too_few_answers")


def test_the_check_page_changes_an_answer_and_comes_back(visitor, session):
    visitor.begin()
    asked = visitor.answer_on()
    visitor.get("/survey/check")
    assert visitor.page.count(">Change</a>") >= len(asked)
    visitor.get("/survey/1?from=check")
    visitor.answer(0)
    assert visitor.path == "/survey/check"
    assert len(stored(session).sitting.given) == len(asked)


def test_a_change_while_questions_are_to_come_leads_on_to_them(visitor):
    visitor.begin()
    visitor.answer(2)
    visitor.get("/survey/2?from=check")
    visitor.answer(2)
    assert visitor.path == "/survey/3"


def test_all_questions_can_be_seen_and_what_was_answered_stays(visitor, session):
    visitor.begin()
    asked = [visitor.item]
    visitor.answer(3)
    asked.append(visitor.item)
    visitor.answer(1)
    visitor.get("/survey/all-questions")
    fixed = {item.id for item in bank.fixed_form(FORM).items}
    n_all = len(fixed | {*asked, visitor_item_given(session)})
    assert f"You can have all {n_all} instead" in visitor.page
    visitor.post()
    assert f"of {n_all}" in visitor.page and "at most" not in visitor.page
    kept = {a.item_id: a.value for a in stored(session).answers}
    assert kept == dict(zip(asked, (3, 1)))
    assert visitor.item not in kept
    sitting = stored(session).sitting
    assert sitting.stop_reason == "all_questions" and len(sitting.given) == 3


def visitor_item_given(session):
    return stored(session).sitting.given[-1]


def test_all_questions_are_scored_on_the_same_metric(visitor, session):
    visitor.begin()
    visitor.get("/survey/all-questions")
    visitor.post()
    for number in range(1, 40):
        if visitor.get(f"/survey/{number}").status_code == 404:
            break
        visitor.answer(4)
    visitor.submit()
    score = session.scalars(select(Score)).one()
    assert score.n_answered >= 30 and score.value > 1.5 and score.se < 0.5
    assert stored(session).sitting.sees_all


def test_withdrawal_takes_away_which_questions_were_given(visitor, session):
    visitor.begin()
    visitor.answer(3)
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    assert stored(session).sitting is None


def test_another_role_begins_with_its_own_questions(visitor, session):
    visitor.begin(role="service_user")
    visitor.get("/survey/role")
    visitor.post(role="carer")
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="no")
    sitting = stored(session).sitting
    assert sitting.calibration == "demonstration_carer.v1"
    assert visitor.item == sitting.given[0] and len(sitting.given) == 1


def test_pausing_after_six_says_how_many_are_left_at_most(visitor):
    visitor.begin()
    for n in range(6):
        visitor.answer(4 * (n % 2))
    assert visitor.path == "/survey/pause-1"
    assert "Questions left, at most: 6." in visitor.page
