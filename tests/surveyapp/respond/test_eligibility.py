"""For whom the survey is: asked first, and kept nowhere."""

import pytest
from sqlalchemy import func, select

from item_bank.readability import LIMIT, readability
from surveyapp import bank
from surveyapp.extensions import db

from ...factories import make_campaign, make_invitation
from .test_wording import own_words
from .visitor import Visitor

pytestmark = pytest.mark.one_database

SECOND = {p: f"short_{p}.v2" for p in ("service_user", "carer")}
OK = {"adult": "yes", "recent_contact": "yes"}


@pytest.fixture
def campaign(session):
    return make_campaign(session, instruments=SECOND)


@pytest.fixture
def newcomer(client, session, campaign):
    make_invitation(session, campaign, is_open=True)
    visitor = Visitor(client)
    visitor.open_link()
    return visitor


def rows(session):
    session.rollback()
    count = select(func.count())
    tables = db.metadata.sorted_tables
    return {t.name: session.scalar(count.select_from(t)) for t in tables}


def test_it_is_asked_between_information_and_consent(newcomer):
    newcomer.get("/survey/consent")
    assert newcomer.path == "/survey/for-whom"
    newcomer.post(**OK)
    assert newcomer.path == "/survey/consent"
    assert "Do you agree?" in newcomer.page


def test_it_stands_below_the_information_until_it_was_said(newcomer):
    newcomer.get("/survey/information")
    assert newcomer.send(adult="yes").status_code == 422
    newcomer.post(**OK)
    assert newcomer.path == "/survey/consent"
    newcomer.get("/survey/information")
    assert "Is this survey for you?" not in newcomer.page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (OK | {"adult": "no"}, "people who are 18 or over"),
        (OK | {"recent_contact": "no"}, "mental health staff in the last 6 months"),
    ],
)
def test_who_it_is_not_for_is_told_kindly_and_nothing_is_stored(
    newcomer, session, said, words
):
    newcomer.get("/survey/for-whom")
    before = rows(session)
    newcomer.post(**said)
    assert newcomer.path.startswith("/survey/not-for-you")
    assert words in newcomer.page and "We have kept nothing" in newcomer.page
    assert ">Help now</a>" in newcomer.page
    assert rows(session) == before
    newcomer.get("/survey/consent")
    assert newcomer.path == "/survey/for-whom"


def test_who_is_not_sure_of_the_time_goes_on(newcomer):
    newcomer.get("/survey/for-whom")
    newcomer.post(adult="yes", recent_contact="not_sure")
    assert newcomer.path == "/survey/consent"


def test_a_question_left_out_is_asked_again(newcomer):
    newcomer.get("/survey/for-whom")
    assert newcomer.send(adult="yes").status_code == 422
    assert newcomer.send(adult="maybe", recent_contact="yes").status_code == 422


def test_consent_cannot_be_sent_past_it(newcomer, session):
    newcomer.get("/survey/for-whom")
    given = {f"consent_{s}": "yes" for s in ("taking_part", "retest", "sharing")}
    newcomer.post("/survey/consent", **given, consent_contact="yes")
    assert newcomer.path == "/survey/for-whom"
    assert not rows(session)["assessment"]


def test_the_next_person_on_the_same_device_is_asked_too(newcomer):
    newcomer.begin()
    newcomer.get("/s/a-token")
    newcomer.post(who="another")
    newcomer.get("/survey/consent")
    assert newcomer.path == "/survey/for-whom"


def test_who_may_be_a_carer_is_asked_in_words_that_fit_both(newcomer):
    newcomer.get("/survey/for-whom")
    assert "you or the person you care for" in newcomer.page


def test_a_first_edition_form_asks_for_consent_as_before(client, session):
    make_invitation(session, make_campaign(session), is_open=True)
    visitor = Visitor(client)
    visitor.open_link()
    visitor.get("/survey/consent")
    assert visitor.path == "/survey/consent"
    visitor.get("/survey/for-whom")
    assert visitor.path == "/survey/consent"


@pytest.mark.parametrize("ref", [*SECOND.values(), "pilot_carer.v2"])
def test_each_second_edition_form_ends_for_the_young_and_for_no_contact(ref):
    asked = {q.id: q.ends for q in bank.instrument(ref).eligibility}
    assert asked == {"adult": ("no",), "recent_contact": ("no",)}


WORKER = "pilot_professional.v3"


def test_a_professional_is_asked_of_their_own_work(client, session):
    campaign = make_campaign(session, instruments={"professional": WORKER})
    make_invitation(session, campaign, is_open=True)
    visitor = Visitor(client)
    visitor.open_link()
    visitor.get("/survey/for-whom")
    assert "have you worked with people who use mental health" in visitor.page
    assert "18 or over" not in visitor.page
    before = rows(session)
    visitor.post(recent_work="no")
    assert visitor.path == "/survey/not-for-you?because=recent_work"
    assert "work with service users" in visitor.page
    assert "Your care" not in visitor.page and rows(session) == before


def test_its_pages_can_be_read_at_the_age_of_eleven(newcomer):
    for path in ("for-whom", "not-for-you?because=adult", "not-for-you"):
        newcomer.get(f"/survey/{path}")
        assert readability(own_words(newcomer.page)).grade <= LIMIT, path
