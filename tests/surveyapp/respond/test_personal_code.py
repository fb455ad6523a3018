"""One code a person: it brings back before sending, and withdraws after."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveyapp.assessments import unsent, withdrawal
from surveyapp.database import utc_now
from surveyapp.jobs import registry, worker
from surveyapp.links import code_in, new_receipt, read_code
from surveyapp.models import Answer, Assessment, Respondent, RespondentSession

from ...factories import make_assessment, make_invitation, of_before
from .visitor import Visitor, without_tokens

pytestmark = pytest.mark.any_database

FIRST_PAGES = ("/s/mine", "/survey/information", "/survey/consent")
LINK = re.compile(r'href="http://[^"/]+(/r/[0-9a-f]{48})"')


@pytest.fixture
def mine(session, campaign):
    made = make_invitation(session, campaign, "mine")
    session.commit()
    return made


@pytest.fixture
def person(client, mine):
    return Visitor(client)


def begun(person):
    """Somebody with one stored answer, on the page with their code."""
    person.begin(token="mine")
    person.get("/survey/care-plan")
    person.post(care_plan="yes")
    assert person.path == "/survey/your-code"
    return person


def long_ago(session, days):
    """Everything that the person did was so many days ago."""
    session.rollback()
    for visit in session.scalars(select(RespondentSession)):
        visit.created_at -= timedelta(days=days)
        visit.expires_at -= timedelta(days=days)
        if visit.assessment is not None:
            visit.assessment.started_at -= timedelta(days=days)
    session.commit()


def seen_by_a_stranger(app):
    """The replies to whoever has the invitation and nothing else."""
    stranger, seen = Visitor(app.test_client()), []
    for path in FIRST_PAGES:
        stranger.get(path)
        seen.append(without_tokens(stranger.page))
        if path.startswith("/s/"):
            sent = stranger.send(follow=False)
            seen.append((sent.status_code, sent.location))
    return seen


def test_an_invitation_shows_the_same_before_during_and_after(app, person):
    before = seen_by_a_stranger(app)
    begun(person)
    during = seen_by_a_stranger(app)
    person.submit()
    after = seen_by_a_stranger(app)
    person.get("/withdraw")
    person.post(mine="yes")
    assert person.path == "/withdrawn"
    assert before == during == after == seen_by_a_stranger(app)


def test_the_code_is_shown_once_something_is_stored_and_at_every_rest(person):
    code = begun(person).receipt
    for path in ("stop", "pause-1"):
        person.get(f"/survey/{path}")
        assert code in person.page
    person.submit()
    assert person.receipt == code


def test_only_hashes_of_code_and_link_are_stored(person, session):
    code, link = begun(person).receipt, LINK.search(person.page)[1]
    kept = session.scalars(select(Assessment)).one()
    row = [str(getattr(kept, c.name)) for c in Assessment.__table__.columns]
    assert read_code(code) not in row and link.rpartition("/")[2] not in row


def test_the_link_for_coming_back_leads_on_by_a_button(person, another_device, session):
    link = LINK.search(begun(person).page)[1]
    another_device.get(link)
    assert session.scalar(select(func.count(RespondentSession.id))) == 1
    another_device.post()
    assert another_device.path == "/survey/your-code"


def test_code_link_and_square_can_be_kept(person):
    code = begun(person).receipt
    said = person.client.get("/survey/code.txt")
    assert code in said.text and LINK.search(person.page)[1] in said.text
    assert "attachment" in said.headers["Content-Disposition"]
    assert person.client.get("/survey/square.svg").mimetype == "image/svg+xml"
    picture = person.client.get("/survey/square.png")
    assert picture.data.startswith(b"\x89PNG")
    assert picture.headers["Cache-Control"] == "no-store"


def test_the_code_withdraws_after_sending_and_says_so_once_more(
    person, another_device, session
):
    begun(person).submit()
    code = person.receipt
    another_device.go_on_with(code)
    assert another_device.path == "/survey/done"
    another_device.get("/withdraw")
    another_device.post(receipt=code)
    assert another_device.path == "/withdrawn"
    another_device.go_on_with(code)
    assert another_device.path == "/withdrawn"
    session.rollback()
    assert session.scalar(select(func.count(Answer.id))) == 0


def test_a_receipt_of_before_goes_on_working(person, session, another_device):
    begun(person).submit()
    session.rollback()
    old = session.scalars(select(Assessment)).one()
    receipt, old.personal_code_hash = new_receipt(), None
    of_before(session, old, receipt_code=receipt)
    session.commit()
    another_device.go_on_with(receipt)
    assert another_device.path == "/survey/done"
    assert read_code(another_device.receipt) == receipt
    another_device.get("/withdraw")
    another_device.post(receipt=receipt)
    assert another_device.path == "/withdrawn"


def test_two_people_at_one_device_and_link_never_see_each_others(person, session):
    """They take turns; each comes back with the own code alone."""
    codes = []
    for answer in ("1", "4"):
        begun(person)
        codes.append(person.receipt)
        person.get("/survey/1")
        assert not re.search(r'value="\d" checked', person.page)
        person.post(parity_asked=answer)
    for code, answer in zip(codes, ("1", "4")):
        person.get("/s/mine")
        assert "begun" not in person.page
        person.go_on_with(code)
        person.get("/survey/1")
        assert re.search(r'value="(\d)" checked', person.page)[1] == answer


def test_a_page_left_open_by_the_person_before_stores_nothing(person, session):
    begun(person)
    person.get("/survey/1")
    left_open = person.page
    begun(person)
    person.page = left_open
    response = person.send("/survey/1", parity_asked="1")
    assert response.status_code == 400
    assert "We cannot tell which answers are yours" in response.text
    assert session.scalar(select(func.count(Answer.id))) == 0


def test_an_own_device_is_remembered_until_the_campaign_closes(
    person, session, campaign
):
    begun(person)
    response = person.send(device="own", follow=False)
    assert "Max-Age=34560000" in response.headers["Set-Cookie"]
    long_ago(session, 60)
    assert person.get("/survey/1").status_code == 200
    campaign.closes_at = utc_now() - timedelta(minutes=1)
    session.commit()
    assert person.get("/survey/1").status_code == 403


def test_a_shared_device_forgets_with_the_browser(person):
    begun(person)
    response = person.send(device="shared", follow=False)
    assert "Max-Age" not in response.headers["Set-Cookie"]
    person.get("/survey/stop")
    assert 'value="shared" checked' in person.page


def sent_twice(app, continued):
    """Two sendings by one invitation, the second perhaps gone on with by its code."""
    for is_last in (False, True):
        visitor = begun(Visitor(app.test_client()))
        if is_last and continued:
            visitor.go_on_with(visitor.receipt)
        visitor.submit()


@pytest.mark.parametrize("continued, numbers", [(False, [None, 2]), (True, [2, None])])
def test_of_two_sendings_one_counts_and_both_are_kept(
    app, session, mine, continued, numbers
):
    sent_twice(app, continued)
    session.rollback()
    sent = session.scalars(select(Assessment).order_by(Assessment.id)).all()
    assert [one.duplicate_number for one in sent] == numbers
    assert session.scalar(select(func.count()).where(Assessment.counts())) == 1


def test_the_other_sending_counts_once_the_first_is_withdrawn(app, session, mine):
    sent_twice(app, False)
    session.rollback()
    first, second = session.scalars(select(Assessment).order_by(Assessment.id))
    with app.app_context():
        withdrawal.withdraw(session, first.id, now=utc_now())
    assert second.duplicate_number is None


def test_the_application_deletes_unsent_answers_every_night(app_with):
    app_with()
    assert registry.RECURRING.pop("unsent_answers").at.hour == 3
    assert "unsent_answers" in worker.KINDS


@pytest.mark.parametrize("days, left", [(29, 1), (31, 0)])
def test_what_was_not_sent_is_deleted_after_thirty_days(
    app, person, session, days, left
):
    begun(person)
    long_ago(session, days)
    assert unsent.delete_unsent(session, now=utc_now()) == 1 - left
    for kind in (Assessment, Respondent, RespondentSession):
        assert session.scalar(select(func.count(kind.id))) == left


def test_what_was_sent_or_withdrawn_is_not_deleted(session, campaign):
    begun_at = utc_now() - timedelta(days=400)
    make_assessment(session, campaign, started_at=begun_at, submitted_at=utc_now())
    make_assessment(session, campaign, started_at=begun_at, withdrawn_at=utc_now())
    assert unsent.delete_unsent(session, now=utc_now()) == 0


def test_a_whole_link_in_the_box_for_the_code_opens_the_link(person, another_device):
    link = LINK.search(begun(person).page)[1]
    another_device.go_on_with(f"See https://survey.example{link}.")
    assert another_device.path == link
    another_device.get("/withdraw")
    another_device.post(receipt=f"https://survey.example{link}")
    assert another_device.path == "/withdrawn"


def test_words_alone_hold_no_code():
    assert code_in("no code here at all") is None
    assert code_in("") is None


def test_blocked_cookies_are_told_at_once_and_lead_to_no_loop(app, mine):
    client = app.test_client(use_cookies=False)
    page = client.post("/s/mine")
    assert page.status_code == 400 and "keeps no cookies" in page.text
    came = client.get("/survey/?begun=yes")
    assert came.status_code == 403 and "keeps no cookies" in came.text
    assert "on paper" in came.text and 'http-equiv="refresh"' not in came.text


def test_cleared_cookies_ask_for_the_personal_code(person):
    code = begun(person).receipt
    person.client.delete_cookie("survey")
    assert person.get("/survey/1").status_code == 403
    person.post("/", code=code)
    assert person.path == "/survey/your-code"
