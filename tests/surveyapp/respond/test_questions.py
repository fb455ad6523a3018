"""Questions: stored when sent, shown again when refused, left out without reproach."""

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.models import Answer, AnswerHistory, Assessment, BackgroundAnswer

pytestmark = pytest.mark.any_database


@pytest.fixture
def answering(visitor):
    visitor.begin()
    visitor.get("/survey/1")
    return visitor


def stored(session):
    return {
        a.item_id: a.reason or a.value for a in session.scalars(select(Answer)).all()
    }


def test_a_page_is_stored_when_it_is_sent(answering, session):
    answering.post(parity_asked="4")
    assert stored(session) == {"parity_asked": 4}
    assert answering.path == "/survey/2"


def test_a_reason_is_stored_as_what_it_is(answering, session):
    answering.post(parity_asked="did_not_happen")
    assert stored(session) == {"parity_asked": "did_not_happen"}


def test_nothing_is_chosen_before_the_person_chooses(answering):
    assert " checked" not in answering.page


def test_a_reason_out_of_sight_is_in_sight_once_it_was_chosen(answering):
    assert "<details open" not in answering.page.replace(
        ' class="nhsuk-details app-', ""
    )
    answering.post(parity_asked="cannot_remember")
    answering.get("/survey/1")
    assert 'app-other-answers" open' in answering.page
    assert 'value="cannot_remember" checked' in answering.page


@pytest.mark.parametrize("value", ["5", "-1", "1.0", "x", "not_applicable", "x" * 999])
def test_what_the_item_does_not_offer_is_refused(answering, session, value):
    response = answering.post(parity_asked=value)
    assert response.status_code == 422
    assert 'href="#parity_asked"' in answering.page
    assert stored(session) == {}


def test_a_refused_page_shows_what_was_chosen_on_it(answering, session, campaign):
    campaign.items_per_page = 3
    answering.get("/survey/1")
    answering.post(parity_asked="2", parity_cared_as_much="nonsense")
    assert 'id="parity_asked-3" name="parity_asked" type="radio" value="2" checked' in (
        answering.page
    )
    assert stored(session) == {}


def test_leaving_out_is_asked_about_once_and_kindly(answering, session):
    answering.post()
    assert answering.path == "/survey/1?ask=1"
    assert "That is fine" in answering.page
    answering.post(asked="yes")
    assert answering.path == "/survey/2"
    assert stored(session) == {}


def test_an_answer_that_changes_keeps_the_earlier_one(answering, session):
    answering.post(parity_asked="1")
    answering.get("/survey/1")
    answering.post(parity_asked="3")
    assert stored(session) == {"parity_asked": 3}
    assert [h.value for h in session.scalars(select(AnswerHistory))] == [1]


def test_a_change_from_the_check_page_leads_back_to_it(answering, session):
    answering.get("/survey/check")
    assert 'href="/survey/1?from=check"' in answering.page
    answering.get("/survey/1?from=check")
    answering.post(parity_asked="1")
    assert answering.path == "/survey/check"


def test_going_back_does_not_lose_the_place(answering, session):
    answering.post(parity_asked="1")
    answering.post(parity_cared_as_much="1")
    answering.get("/survey/1")
    answering.post(parity_asked="2")
    answering.get("/survey/")
    assert answering.path == "/survey/3"


def test_the_place_survives_another_number_of_questions_a_page(
    answering, session, campaign
):
    answering.post(parity_asked="1")
    campaign.items_per_page = 5
    answering.get("/survey/")
    assert answering.path == "/survey/1"
    answering.get("/survey/2")
    assert "Questions 6 to 10 of 30" in answering.page


def test_a_rest_is_offered_between_two_parts_after_a_dozen_pages(answering):
    items = bank.instrument("short_service_user.v1").items
    for number, following in ((5, "6"), (15, "pause-1"), (25, "26")):
        answering.get(f"/survey/{number}")
        answering.post(**{items[number - 1].id: "1"})
        assert answering.path == f"/survey/{following}"
    answering.get("/survey/pause-1")
    assert "Questions left: 15" in answering.page


def test_not_sure_about_a_care_plan_is_an_answer(visitor, session):
    visitor.begin()
    visitor.get("/survey/care-plan")
    visitor.post(care_plan="not_sure")
    assert session.scalar(select(Assessment.care_plan)) == "not_sure"
    assert visitor.path == "/survey/your-code"
    visitor.keep_code()
    assert visitor.path == "/survey/1"


def test_questions_beside_the_items_are_stored_apart(visitor, session):
    visitor.begin()
    visitor.get("/survey/more-1")
    visitor.post(preferred_involvement="together")
    assert visitor.path == "/survey/more-2"
    fields = {"long_term_condition": ["diabetes", "teeth"]}
    visitor.post(**fields)
    given = {b.question_id: b.value for b in session.scalars(select(BackgroundAnswer))}
    assert given == {
        "preferred_involvement": "together",
        "long_term_condition": "diabetes;teeth",
    }


def test_who_helped_is_recorded_staff_above_all(visitor, session):
    visitor.begin()
    visitor.get("/survey/comment")
    assert visitor.post(helped="nonsense", comment="Kind").status_code == 422
    assert "Kind" in visitor.page
    visitor.post(helped="staff")
    assert session.scalar(select(Assessment.assisted_by)) == "staff"
    assert visitor.path == "/survey/check"


def test_an_emptied_comment_is_taken_away(visitor, session):
    visitor.begin()
    for text, kept in [("Thank you <b>", True), ("  ", False)]:
        visitor.get("/survey/comment")
        visitor.post(comment=text)
        visitor.get("/survey/check")
        assert ("Thank you &lt;b&gt;" in visitor.page) is kept


def test_a_comment_that_is_too_long_is_not_lost(visitor, session):
    visitor.begin()
    visitor.get("/survey/comment")
    response = visitor.post(comment="long " * 1000)
    assert response.status_code == 422
    assert "long long long" in visitor.page


def test_no_such_page_is_not_found(answering):
    for path in ("99", "0", "pause-9", "more-99"):
        assert answering.get(f"/survey/{path}").status_code == 404
