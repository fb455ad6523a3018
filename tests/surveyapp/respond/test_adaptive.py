"""An adaptive form in the journey, without scripts, one question a page."""

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.models import Score

from ...factories import make_invitation
from .adaptive_visitor import AdaptiveVisitor, stored

pytestmark = pytest.mark.any_database

REF = "demonstration_adaptive_service_user.v1"
FORM = bank.instrument(REF)


def test_at_most_twelve_questions_and_every_prerequisite_is_seen(chooser, session):
    asked = chooser.begin().answer_on()
    domains = {i.prerequisite for i in FORM.items if i.id in asked}
    assert len(domains) == 6 and 6 <= len(asked) <= 12
    assert chooser.path == "/survey/more-1"
    sitting = stored(session).sitting
    assert sitting.given == tuple(asked) and sitting.stop_reason == "precise"


def test_reloading_going_back_and_a_second_tab_show_what_was_given(chooser):
    chooser.begin()
    first = chooser.item
    chooser.get("/survey/1")
    assert chooser.item == first
    chooser.answer(3)
    second = chooser.item
    chooser.get("/survey/1")
    chooser.answer(0)
    assert (chooser.path, chooser.item) == ("/survey/2", second)
    chooser.get("/survey/")
    assert (chooser.path, chooser.item) == ("/survey/2", second)
    assert chooser.get("/survey/3").status_code == 404


def test_an_earlier_answer_may_be_changed_and_what_was_given_stays(chooser, session):
    chooser.begin()
    asked = [chooser.item]
    chooser.answer(4), asked.append(chooser.item)
    chooser.answer(4), asked.append(chooser.item)
    chooser.get("/survey/1")
    chooser.answer(0)
    chooser.get("/survey/3")
    chooser.answer(0)
    sitting = stored(session).sitting
    assert sitting.given[:3] == tuple(asked) and len(sitting.given) == 4
    thetas = [exposure.theta for exposure in sitting.exposures]
    assert thetas[2] > thetas[1] > thetas[0] > thetas[3]


def test_a_question_left_out_is_asked_about_once_and_then_counts_as_seen(
    chooser, session
):
    chooser.begin()
    left_out = chooser.item
    chooser.post()
    assert chooser.item == left_out and "Did you mean to leave this out" in chooser.page
    assert len(stored(session).sitting.given) == 1
    chooser.post(asked="yes")
    assert chooser.path == "/survey/2" and chooser.item != left_out
    step = stored(session).sitting.exposures[1]
    assert step.theta == pytest.approx(0, abs=1e-9)  # nothing is known yet


def test_reasons_are_seen_and_only_what_did_not_happen_is_scored(chooser, session):
    chooser.begin()
    chooser.answer("cannot_remember")
    chooser.answer("did_not_happen")
    _, second, third = stored(session).sitting.exposures
    assert second.theta == pytest.approx(0, abs=1e-9) and third.theta < -0.3


def test_progress_is_honest(chooser):
    chooser.begin()
    assert "Question 1 of at most 12" in chooser.page
    asked = chooser.answer_on()
    chooser.get("/survey/1")
    assert f"Question 1 of {len(asked)}" in chooser.page
    assert "See all" not in chooser.page


def test_the_information_page_promises_minutes_for_what_is_asked(chooser):
    chooser.begin()
    chooser.get("/survey/information")
    assert "10 minutes" in chooser.page


def test_stopping_keeps_the_answers_and_the_place(
    chooser, session, adaptive_campaign, another_device
):
    make_invitation(session, adaptive_campaign, "personal")
    session.commit()
    chooser.begin(token="personal")
    chooser.answer(1)
    here = chooser.item
    device = AdaptiveVisitor(another_device.client)
    device.go_on_with(chooser.code)
    assert (device.path, device.item) == ("/survey/2", here)


def test_sending_early_is_a_wish_and_is_scored_with_its_error(chooser, session):
    chooser.begin()
    for _ in range(3):
        chooser.answer(4)
    chooser.submit()
    assert chooser.receipt
    score = session.scalars(select(Score)).one()
    assert (score.scale, score.method) == ("involvement_theta", "eap.v1")
    assert score.value > 0.5 and 0.3 < score.se < 1
    assert score.calibration == "demonstration_service_user.v1"
    assert stored(session).sitting.stop_reason == "wish"


def test_too_few_answers_give_no_score(chooser, session):
    chooser.begin()
    for _ in range(2):
        chooser.answer(4)
    chooser.submit()
    score = session.scalars(select(Score)).one()
    assert (score.value, score.reason) == (None, "too_few_answers")


def test_the_check_page_changes_an_answer_and_comes_back(chooser, session):
    chooser.begin()
    asked = chooser.answer_on()
    chooser.get("/survey/check")
    assert chooser.page.count(">Change</a>") >= len(asked)
    chooser.get("/survey/1?from=check")
    chooser.answer(0)
    assert chooser.path == "/survey/check"
    assert len(stored(session).sitting.given) == len(asked)


def test_a_change_while_questions_are_to_come_leads_on_to_them(chooser):
    chooser.begin()
    chooser.answer(2)
    chooser.get("/survey/2?from=check")
    chooser.answer(2)
    assert chooser.path == "/survey/3"


def test_all_questions_can_be_seen_and_what_was_answered_stays(chooser, session):
    chooser.begin()
    asked = [chooser.item]
    chooser.answer(3)
    asked.append(chooser.item)
    chooser.answer(1)
    chooser.get("/survey/all-questions")
    fixed = {item.id for item in bank.fixed_form(FORM).items}
    n_all = len(fixed | {*asked, latest_given(session)})
    assert f"You can have all {n_all} instead" in chooser.page
    chooser.post()
    assert f"of {n_all}" in chooser.page and "at most" not in chooser.page
    kept = {a.item_id: a.value for a in stored(session).answers}
    assert kept == dict(zip(asked, (3, 1)))
    assert chooser.item not in kept
    sitting = stored(session).sitting
    assert sitting.stop_reason == "all_questions" and len(sitting.given) == 3


def latest_given(session):
    return stored(session).sitting.given[-1]


def test_all_questions_are_scored_on_the_same_metric(chooser, session):
    chooser.begin()
    chooser.get("/survey/all-questions")
    chooser.post()
    for number in range(1, 40):
        if chooser.get(f"/survey/{number}").status_code == 404:
            break
        chooser.answer(4)
    chooser.submit()
    score = session.scalars(select(Score)).one()
    assert score.n_answered >= 30 and score.value > 1.5 and score.se < 0.5
    assert stored(session).sitting.sees_all


def test_withdrawal_takes_away_which_questions_were_given(chooser, session):
    chooser.begin()
    chooser.answer(3)
    chooser.get("/withdraw")
    chooser.post(mine="yes")
    assert stored(session).sitting is None


def test_another_role_begins_with_its_own_questions(chooser, session):
    chooser.begin(role="service_user")
    chooser.get("/survey/role")
    chooser.post(role="carer")
    chooser.get("/survey/care-plan")
    chooser.post(care_plan="no")
    chooser.keep_code()
    sitting = stored(session).sitting
    assert sitting.calibration == "demonstration_carer.v1"
    assert chooser.item == sitting.given[0] and len(sitting.given) == 1


def test_pausing_after_six_says_how_many_are_left_at_most(chooser):
    chooser.begin()
    for n in range(6):
        chooser.answer(4 * (n % 2))
    assert chooser.path == "/survey/pause-1"
    assert "Questions left, at most: 6." in chooser.page
