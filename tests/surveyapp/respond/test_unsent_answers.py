"""What was chosen on a page comes along when the page is to look otherwise."""

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.models import Answer, Assessment, Consent

from ...factories import make_campaign, make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.one_database

FORM = bank.instrument("short_service_user.v1")
MARKS = {"language", "carried", "stays", "size", "colours", "words", "per_page"}
LOOKS = {"size": "large", "colours": "usual", "per_page": "1"}


@pytest.fixture
def visitor(client, session):
    """Somebody in a campaign in three languages, before the questions."""
    campaign = make_campaign(session, languages=["en", "en-XA", "ar-XB"])
    make_invitation(session, campaign)
    session.commit()
    return Visitor(client).begin()


def action(visitor, to):
    """Where a button of the page's own form leads instead of to its page."""
    found = re.search(
        rf'form="answers" formaction="(/display/{to}[^"]*)"', visitor.page
    )
    return unescape(found[1])


def press_language(visitor, tag, **chosen):
    return visitor.post(action(visitor, "language"), language=tag, **chosen)


def look_otherwise(visitor, looks, **chosen):
    """Press the button below the languages, choose there, and go back."""
    visitor.post(action(visitor, "choose"), carried="yes", **chosen)
    return visitor.post(save(visitor), **hidden(visitor), **looks)


def save(visitor):
    """Where the form of the page with the choices leads."""
    found = re.search(r'action="(/display/[^"]*)"', visitor.page)
    return unescape(found[1])


def hidden(visitor):
    """What the page's form holds that nobody sees, as a browser would send it."""
    pairs = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', visitor.page
    )
    return {name: unescape(value) for name, value in pairs if name != "csrf_token"}


def chosen_on(visitor):
    return dict(
        re.findall(r'name="([^"]+)" type="radio" value="([^"]+)" checked', visitor.page)
    )


def n_rows(session, model):
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_another_language_keeps_the_answer_on_the_page_and_stores_nothing(
    visitor, session
):
    item = FORM.items[1].id
    visitor.get("/survey/2")
    press_language(visitor, "ar-XB", **{item: "3"})
    assert visitor.path == "/survey/2"
    assert '<html lang="ar-XB" dir="rtl"' in visitor.page
    assert chosen_on(visitor) == {item: "3"}
    assert n_rows(session, Answer) == 0
    visitor.post(**chosen_on(visitor))
    assert session.scalar(select(Answer.value)) == 3
    assert visitor.path == "/survey/3"


def test_a_language_chosen_twice_is_no_answer_either(visitor, session):
    item = FORM.items[0].id
    visitor.get("/survey/1")
    for tag in ("en-XA", "ar-XB", "en"):
        press_language(visitor, tag, **{item: "cannot_remember"})
    assert chosen_on(visitor) == {item: "cannot_remember"}
    assert n_rows(session, Answer) == 0
    assert session.scalar(select(Assessment.language)) == "en"


def test_what_is_chosen_now_is_shown_before_what_is_stored(visitor, session):
    item = FORM.items[0].id
    visitor.get("/survey/1")
    visitor.post(**{item: "1"})
    visitor.get("/survey/1?from=check")
    press_language(visitor, "en-XA", **{item: "4"})
    assert visitor.path == "/survey/1?from=check"
    assert chosen_on(visitor) == {item: "4"}
    assert session.scalar(select(Answer.value)) == 1


@pytest.mark.parametrize(
    "page, name, value",
    [
        ("care-plan", "care_plan", "not_sure"),
        ("before-you-start", "care_plan", "no"),
        ("comment", "helped", "staff"),
        ("more-1", "preferred_involvement", "together"),
    ],
)
def test_every_page_with_a_choice_keeps_it(visitor, page, name, value):
    visitor.get(f"/survey/{page}")
    press_language(visitor, "en-XA", **{name: value})
    assert chosen_on(visitor) == {name: value}
    look_otherwise(visitor, LOOKS, **{name: value})
    assert chosen_on(visitor) == {name: value}
    assert visitor.path == f"/survey/{page}"
    assert "app-size-large" in visitor.page


def test_no_link_back_leaves_behind_what_was_chosen(visitor):
    back = 'class="nhsuk-back-link"'
    visitor.get("/survey/1")
    visitor.post(action(visitor, "choose"), carried="yes", parity_asked="3")
    assert back not in visitor.page and "Save and go back" in visitor.page
    visitor.get("/display/?back=/survey/1")
    assert back in visitor.page


def test_a_comment_half_written_comes_along(visitor):
    visitor.get("/survey/comment")
    written = "They listened.\n\nMost of the time & always kindly."
    look_otherwise(visitor, LOOKS, comment=written)
    assert "Most of the time &amp; always kindly.</textarea>" in visitor.page


def test_consent_comes_along_and_is_not_given_by_it(client, session):
    campaign = make_campaign(session, languages=["en", "en-XA"])
    make_invitation(session, campaign)
    session.commit()
    visitor = Visitor(client)
    visitor.open_link()
    visitor.get("/survey/consent")
    given = {"consent_taking_part": "yes", "consent_sharing": "no"}
    press_language(visitor, "en-XA", **given)
    assert chosen_on(visitor) == given
    assert n_rows(session, Consent) == n_rows(session, Assessment) == 0


def test_a_code_half_typed_comes_along_in_no_address(client):
    visitor = Visitor(client)
    visitor.get("/")
    visitor.post(action(visitor, "choose"), carried="yes", code="ABC-D")
    assert "ABC-D" not in visitor.path
    visitor.post(save(visitor), **hidden(visitor))
    assert visitor.path == "/" and 'value="ABC-D"' in visitor.page


def test_fewer_questions_a_page_carry_the_answers_to_the_others_along(visitor, session):
    visitor.get("/display/")
    visitor.post(**LOOKS | {"per_page": "3"})
    visitor.get("/survey/3")
    shown = [i.id for i in FORM.pages(3)[2]]
    answers = dict(zip(shown, ("1", "2", "3")))
    look_otherwise(visitor, LOOKS, **answers)
    first = FORM.pages(3)[2][0]
    assert visitor.path == f"/survey/{FORM.items.index(first) + 1}"
    assert chosen_on(visitor) | hidden(visitor) == answers | {"stays": "yes"}
    visitor.post(**chosen_on(visitor), **hidden(visitor))
    stored = {a.item_id: str(a.value) for a in session.scalars(select(Answer))}
    assert stored == answers
    assert visitor.path == f"/survey/{FORM.items.index(first) + 2}"


def test_more_questions_a_page_show_the_one_that_was_open(visitor):
    item = FORM.items[29]
    visitor.get("/survey/30")
    look_otherwise(visitor, LOOKS | {"per_page": "12"}, **{item.id: "2"})
    assert visitor.path == f"/survey/{len(FORM.pages(12))}"
    assert chosen_on(visitor) == {item.id: "2"}


def test_an_answer_without_the_token_is_carried_nowhere(visitor):
    visitor.get("/survey/1")
    sent = {"language": "en-XA", FORM.items[0].id: "1"}
    forged = {"X-CSRFToken": "forged"}
    for path in ("/survey/1", "/display/choose", "/display/language"):
        refused = visitor.client.post(path, data=sent, headers=forged)
        assert refused.status_code == 400


def test_the_question_whether_it_was_left_out_on_purpose_stays(visitor):
    visitor.get("/survey/1?from=check")
    visitor.post()
    assert visitor.path == "/survey/1?from=check&ask=1"
    press_language(visitor, "en-XA", asked="yes")
    assert visitor.path == "/survey/1?from=check&ask=1"
    assert 'id="ask-again"' in visitor.page


def test_the_enter_key_presses_continue_and_no_language(visitor):
    visitor.get("/survey/1")
    buttons = re.findall(r"<button[^>]*>", visitor.page)
    of_the_form = [b for b in buttons if 'form="answers"' in b]
    assert "formaction" not in of_the_form[0] and 'tabindex="-1"' in of_the_form[0]


def test_no_question_of_the_bank_is_called_as_a_button_is():
    names = {"comment", "helped", "role", "code", "mode", "receipt"}
    for form in bank.instruments():
        asked = [*form.items, *form.background, *form.context, *form.follow_up]
        names |= {each.id for each in asked}
    assert not MARKS & names
