"""Who agreed is asked again: in time, once a wave, with nothing but a code."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from surveyapp import bank
from surveyapp.assessments.questions import questions_of
from surveyapp.calendar import local_date
from surveyapp.models import Assessment, BackgroundAnswer, CampaignWave, Invitation

from ...factories import days_pass, make_assessment, make_invitation, make_wave
from .visitor import STATEMENTS, Visitor

pytestmark = pytest.mark.any_database

LINK = re.compile(r'href="/s/([0-9a-f]{48})"')
CODES = re.compile(r'class="app-code">([^<]+)<')
FIRST_ITEM = bank.instrument("short_service_user.v1").items[0].id


@pytest.fixture
def wave(session, campaign):
    return make_wave(session, campaign)


@pytest.fixture
def sent(visitor, wave):
    """Someone on the page of thanks, after answering for the first time."""
    visitor.begin()
    visitor.submit()
    return visitor


def token_of(visitor):
    return LINK.search(visitor.page)[1]


def by_wave(session):
    session.rollback()
    found = session.scalars(select(Assessment).order_by(Assessment.id))
    return {a.wave: a for a in found}


def come_back(app, token, **given):
    """A person with nothing but the link for next time, through consent."""
    visitor = Visitor(app.test_client())
    visitor.open_link(token)
    visitor.consent(**given)
    return visitor


def test_thanks_show_a_code_and_the_days_on_which_it_works(sent):
    first_day = datetime.now(UTC) + timedelta(days=14)
    assert local_date(first_day) in sent.page
    assert local_date(first_day + timedelta(days=13)) in sent.page
    codes = CODES.findall(sent.page)
    assert len(codes) == 2 and len(set(codes)) == 2
    sent.get("/survey/done")
    assert CODES.findall(sent.page) == codes


def test_only_hashes_of_the_way_back_are_stored(sent, session):
    token, code = token_of(sent), CODES.findall(sent.page)[1]
    kept = session.scalars(select(Invitation).where(Invitation.respondent_id > 0)).one()
    row = {c.name: getattr(kept, c.name) for c in Invitation.__table__.columns}
    assert token not in row.values() and code.replace("-", "") not in row.values()
    assert kept.contact_id is None


@pytest.mark.parametrize("said", ["no", "yes"])
def test_nobody_is_asked_again_without_having_agreed(visitor, session, wave, said):
    visitor.open_link()
    visitor.consent(retest=said)
    visitor.post(role="carer")
    visitor.submit()
    assert ("Your code for next time" in visitor.page) == (said == "yes")
    back = select(Invitation).where(Invitation.respondent_id.is_not(None))
    assert len(session.scalars(back).all()) == (said == "yes")


def test_a_campaign_that_asks_once_promises_nothing(visitor):
    visitor.begin()
    visitor.submit()
    assert "What happens next" not in visitor.page


def test_who_comes_too_early_is_told_the_day(app, sent):
    early = Visitor(app.test_client())
    response = early.get(f"/s/{token_of(sent)}")
    assert response.status_code == 403
    assert local_date(datetime.now(UTC) + timedelta(days=14)) in early.page


def test_who_comes_too_late_is_thanked(app, session, sent):
    days_pass(session, 28)
    late = Visitor(app.test_client())
    assert late.get(f"/s/{token_of(sent)}").status_code == 410
    assert "still counts" in late.page


@pytest.mark.parametrize("days, status", [(13, 403), (14, 200), (27, 200), (28, 410)])
def test_the_window_has_whole_days(app, session, sent, days, status):
    days_pass(session, days)
    response = Visitor(app.test_client()).get(f"/s/{token_of(sent)}")
    assert response.status_code == status


def test_days_are_whole_where_the_clocks_change():
    wave = CampaignWave(after_days=14, window_days=14)
    evening = datetime(2026, 3, 22, 23, 30, tzinfo=UTC)
    assert wave.opens_at(evening) == datetime(2026, 4, 4, 23, 0, tzinfo=UTC)
    assert wave.opens_at(evening).hour == wave.closes_at(evening).hour == 0


def test_the_second_time_is_one_more_assessment_of_the_same_person(app, session, sent):
    days_pass(session, 15)
    again = come_back(app, token_of(sent))
    assert again.path == "/survey/before-you-start"
    again.submit()
    found = by_wave(session)
    assert set(found) == {1, 2}
    assert found[1].respondent_id == found[2].respondent_id
    assert found[2].instrument == found[1].instrument
    assert found[1].personal_code_hash != found[2].personal_code_hash


def test_a_typed_code_leads_back_too(app, session, sent):
    code = CODES.findall(sent.page)[1]
    days_pass(session, 15)
    again = Visitor(app.test_client())
    again.get("/")
    again.post(code=code.lower())
    assert again.path == "/survey/information"


def test_the_first_question_is_whether_anything_has_changed(app, session, sent):
    days_pass(session, 15)
    again = come_back(app, token_of(sent))
    again.get("/survey/since-last-time")
    assert "has the way staff deal with your physical health changed?" in again.page
    assert again.post(stability="sideways").status_code == 422
    again.post(stability="no")
    assert again.path == "/survey/care-plan"
    kept = session.scalars(select(BackgroundAnswer)).one()
    assert (kept.question_id, kept.value) == ("stability", "no")
    again.get("/survey/check")
    assert "No, it has stayed the same" in again.page


def test_a_follow_up_asks_how_things_have_changed(app, session, campaign, sent):
    make_wave(session, campaign, 3, "follow_up", 100)
    session.commit()
    days_pass(session, 100)
    again = come_back(app, token_of(sent))
    again.get("/survey/since-last-time")
    assert "Much more than before" in again.page
    assert set(by_wave(session)) == {1, 3}


def test_nobody_is_asked_about_last_time_the_first_time(visitor):
    visitor.begin()
    assert visitor.get("/survey/since-last-time").status_code == 404


def test_the_booklet_of_the_first_time_is_given_again(app, session, campaign, visitor):
    campaign.item_order, campaign.booklet_length = "booklets", 20
    make_wave(session, campaign)
    session.commit()
    come_back(app, "a-token")  # someone else, so that the turn moves on
    visitor.begin()
    visitor.submit()
    days_pass(session, 15)
    come_back(app, token_of(visitor))
    mine = [a for a in session.scalars(select(Assessment)) if a.wave == 2]
    assert len({a.arrangement for a in mine[0].respondent.assessments}) == 1
    assert len(questions_of(mine[0]).items) < 30


@pytest.mark.both_databases
def test_of_two_devices_at_once_one_counts_in_the_second_wave(app, session, sent):
    days_pass(session, 15)
    both = [Visitor(app.test_client()) for _ in range(2)]
    for visitor in both:
        visitor.open_link(token_of(sent))
        visitor.get("/survey/consent")
    said = {f"consent_{statement}": "yes" for statement in STATEMENTS}
    with ThreadPoolExecutor(2) as devices:
        made = [devices.submit(visitor.post, **said) for visitor in both]
        paths = {each.result().request.path for each in made}
    assert paths == {"/survey/before-you-start"}
    for visitor in both:
        visitor.submit()
    session.rollback()
    found = session.scalars(select(Assessment).order_by(Assessment.wave)).all()
    assert [a.wave for a in found] == [1, 2, 2]
    assert {a.duplicate_number for a in found[1:]} == {None, 2}


@pytest.mark.both_databases
def test_the_database_lets_one_sending_count_in_a_wave(session, campaign):
    first = make_assessment(session, campaign)
    again = {"respondent": first.respondent, "wave": 2}
    make_assessment(session, campaign, **again)
    again["submitted_at"] = datetime.now(UTC)
    make_assessment(session, campaign, **again)
    make_assessment(session, campaign, **again, duplicate_number=2)
    with pytest.raises(IntegrityError):
        make_assessment(session, campaign, **again)


def test_the_link_for_next_time_tells_nobody_that_it_was_used(app, session, sent):
    token = token_of(sent)
    days_pass(session, 15)
    again = come_back(app, token)
    again.submit()
    other = Visitor(app.test_client())
    other.open_link(token)
    assert other.path == "/survey/information"
    other.go_on_with(again.receipt)
    assert other.path == "/survey/done"


def test_who_began_in_time_may_finish_with_the_personal_code(app, session, sent):
    token = token_of(sent)
    days_pass(session, 27)
    code = come_back(app, token).code
    days_pass(session, 5)
    late = Visitor(app.test_client())
    assert late.get(f"/s/{token}").status_code == 410
    late.go_on_with(code)
    assert late.path == "/survey/before-you-start"
    late.submit()
    assert by_wave(session)[2].submitted_at is not None


def test_consent_after_the_last_day_begins_nothing(app, session, sent):
    token = token_of(sent)
    days_pass(session, 27)
    slow = Visitor(app.test_client())
    slow.open_link(token)
    slow.get("/survey/consent")
    days_pass(session, 5)
    given = {f"consent_{s}": "yes" for s in ("taking_part", "retest", "contact")}
    assert slow.post(**given, consent_sharing="yes").status_code == 410
    assert set(by_wave(session)) == {1}


def test_who_says_no_at_the_second_time_is_not_asked_a_third(
    app, session, campaign, sent
):
    make_wave(session, campaign, 3, "follow_up", 100)
    session.commit()
    token = token_of(sent)
    days_pass(session, 15)
    again = come_back(app, token, retest="no")
    again.submit()
    assert "What happens next" not in again.page
    days_pass(session, 90)
    assert Visitor(app.test_client()).get(f"/s/{token}").status_code == 410


def test_a_closed_campaign_keeps_its_promise_to_those_it_asked(
    app, session, campaign, sent
):
    campaign.closes_at = datetime.now(UTC) - timedelta(minutes=1)
    days_pass(session, 15)
    assert come_back(app, token_of(sent)).path == "/survey/before-you-start"
    assert Visitor(app.test_client()).get("/s/a-token").status_code == 410


def test_the_page_of_thanks_leads_on_once_the_day_has_come(
    client, session, campaign, wave
):
    make_invitation(session, campaign, "mine", perspective="carer")
    visitor = Visitor(client)
    visitor.open_link("mine")
    visitor.consent()
    visitor.submit()
    assert "Answer again now" not in visitor.page
    days_pass(session, 14)
    visitor.get("/survey/done")
    assert "Answer again now" in visitor.page
    visitor.post("/survey/return", role="carer")
    assert visitor.path == "/survey/information"
    visitor.consent()
    assert by_wave(session)[2].perspective == "carer"


def test_nobody_can_lead_themselves_on_before_the_day(sent):
    assert sent.post("/survey/return", role="service_user").status_code == 404


def test_who_answered_as_both_has_a_code_for_each(app, session, sent):
    tokens = [token_of(sent)]
    sent.post("/survey/again", role="carer")
    sent.submit()
    tokens.append(token_of(sent))
    days_pass(session, 15)
    for token in tokens:
        again = come_back(app, token)
        again.submit()
    assert "Is this you too?" not in again.page
    found = session.scalars(select(Assessment)).all()
    assert sorted((a.wave, a.perspective) for a in found) == [
        (1, "carer"),
        (1, "service_user"),
        (2, "carer"),
        (2, "service_user"),
    ]
    assert len({a.respondent_id for a in found}) == 1


def test_a_perspective_that_was_answered_cannot_be_chosen_once_more(sent):
    sent.post("/survey/again", role="carer")
    sent.get("/survey/role")
    assert sent.post(role="service_user").status_code == 422
