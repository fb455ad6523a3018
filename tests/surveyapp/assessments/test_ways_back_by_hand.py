"""When somebody may come back, by which way, and beside whose answers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.assessments import recontact
from surveyapp.errors import CampaignClosed, NotFound, NotYetOpen, TimeIsOver
from surveyapp.links import code_hash, grouped, token_hash
from surveyapp.models import Assessment, Consent, InvitationToken, RespondentSession

from ... import factories

pytestmark = pytest.mark.one_database
SENT, SECOND = factories.LONG_AGO, timedelta(seconds=1)


@pytest.fixture
def campaign(app, session):
    """One that asks again after two weeks and after a hundred days."""
    made = factories.make_campaign(session)
    factories.make_wave(session, made)
    factories.make_wave(session, made, 3, "follow_up", 100)
    with app.app_context():  # where codes are derived
        yield made


def answered(session, campaign, agrees=True, **given):
    known = {"statement_id": "consent_retest", "statement_version": 1}
    consents = [Consent(given=agrees, **known)]
    sent = {"submitted_at": SENT, "consents": consents}
    made = factories.make_assessment(session, campaign, **sent | given)
    recontact.invite(session, made)
    session.commit()
    return made


@pytest.fixture
def mine(session, campaign):
    return answered(session, campaign)


@pytest.fixture
def back(session, mine):
    return recontact.invitation_of(session, mine)


def again(session, first, **given):
    """Later answers of the same person."""
    known = {"respondent": first.respondent, "wave": 2}
    return answered(session, first.campaign, **known | given)


def moments(first):
    """Name -> when the two later times open and close for somebody."""
    retest, follow_up = first.campaign.waves
    return {
        "first": SENT,
        "retest": retest.opens_at(SENT),
        "between": retest.closes_at(SENT),
        "follow-up": follow_up.opens_at(SENT),
        "over": follow_up.closes_at(SENT),
    }


@pytest.mark.parametrize(
    "at, late, wave, opens",
    [
        ("retest", -SECOND, None, "retest"),
        ("retest", 0 * SECOND, 2, "follow-up"),
        ("between", -SECOND, 2, "follow-up"),
        ("between", 0 * SECOND, None, "follow-up"),
        ("follow-up", 0 * SECOND, 3, None),
        ("over", -SECOND, 3, None),
        ("over", 0 * SECOND, None, None),
    ],
)
def test_who_comes_back_is_let_in_from_the_first_day_to_the_last(
    session, mine, back, at, late, wave, opens
):
    when = moments(mine)
    now, opens_at = when[at] + late, opens and when[opens]
    found = recontact.standing_of(session, back, now=now)
    assert (found.first, found.sent_at, found.assessment) == (mine, SENT, None)
    assert found.wave == next(
        (w for w in mine.campaign.waves if w.number == wave), None
    )
    assert found.opens_at == opens_at
    if wave:
        assert recontact.admit(session, back, now=now) == found
        return
    with pytest.raises(NotYetOpen if opens else TimeIsOver) as refused:
        recontact.admit(session, back, now=now)
    assert not opens or refused.value.opens_at == opens_at


def test_only_what_was_sent_and_counts_of_ones_own_is_an_answer_of_that_time(
    session, mine, back
):
    other_campaign = factories.make_campaign(session)
    factories.make_wave(session, other_campaign)
    elsewhere = answered(session, other_campaign, respondent=mine.respondent)
    again(session, elsewhere)
    again(session, mine, perspective="carer")
    again(session, answered(session, mine.campaign))
    again(session, mine, withdrawn_at=SENT)
    again(session, mine, submitted_at=None)
    again(session, mine, duplicate_number=2)
    when = moments(mine)
    found = recontact.standing_of(session, back, now=when["retest"])
    assert (found.first, found.assessment) == (mine, None)
    second = again(session, mine)
    told = {
        name: recontact.standing_of(session, back, now=now).assessment
        for name, now in when.items()
    }
    # Between two times, what was sent in the last one is shown.
    assert told == {
        "first": second,
        "retest": second,
        "between": second,
        "follow-up": None,
        "over": second,
    }


def test_who_said_no_the_second_time_may_look_at_it_and_is_not_asked_a_third(
    session, mine, back
):
    second, when = again(session, mine, agrees=False), moments(mine)
    found = recontact.standing_of(session, back, now=when["retest"])
    assert (found.wave.number, found.assessment) == (2, second)
    assert found.opens_at is None
    with pytest.raises(TimeIsOver):
        recontact.admit(session, back, now=when["follow-up"])


def test_the_first_answers_are_found_also_where_another_sending_counts(
    session, campaign
):
    beside = answered(session, campaign, duplicate_number=2)
    back = factories.make_invitation(session, campaign, perspective="service_user")
    assert recontact.first_of(session, back, now=SENT) is None
    back.respondent_id = beside.respondent_id
    session.commit()
    assert recontact.first_of(session, back, now=SENT) is beside
    beside.withdrawn_at = SENT
    session.commit()
    with pytest.raises(CampaignClosed):
        recontact.first_of(session, back, now=SENT)


def test_the_way_back_is_told_with_the_days_that_are_left(session, app, mine, back):
    when, codes = moments(mine), app.config["PROM"].derived_key("codes")
    retest, follow_up = (
        (wave.opens_at(SENT), wave.last_day(SENT)) for wave in mine.campaign.waves
    )

    def days(of, now):
        found = recontact.way_back(session, of, now=now)
        return found and found.waves

    way = recontact.way_back(session, mine, now=SENT)
    (kept,) = back.tokens
    assert token_hash(way.token) == kept.token_hash
    assert code_hash(way.code, codes) == kept.short_code_hash
    assert way.code == grouped(recontact.secrets_of(mine)[1])
    assert days(mine, SENT) == (retest, follow_up)
    assert days(mine, when["between"] - SECOND) == (retest, follow_up)
    assert days(mine, when["between"]) == (follow_up,)
    assert days(mine, when["over"] - SECOND) == (follow_up,)
    assert days(mine, when["over"]) is None
    assert days(again(session, mine), when["retest"]) == (follow_up,)


@pytest.mark.parametrize("lacks", ["invitation", "open one", "consent", "key"])
def test_no_way_back_is_shown_that_would_not_lead_back(session, mine, back, lacks):
    if lacks == "invitation":
        mine = answered(session, mine.campaign, agrees=False)
    if lacks == "open one":
        back.status = "cancelled"
    if lacks == "consent":
        mine.consents[0].given = False
    if lacks == "key":  # of the server, when the link was made
        back.tokens[0].token_hash = "of another key"
    session.commit()
    assert recontact.way_back(session, mine, now=SENT) is None


def test_a_code_that_somebody_has_is_given_to_nobody_else(session, app, campaign):
    codes = app.config["PROM"].derived_key("codes")
    first = answered(session, campaign, agrees=False)
    held = factories.make_invitation(session, campaign, token="another")
    token, code = recontact.secrets_of(first)
    held.tokens[0].short_code_hash = code_hash(code, codes)
    first.consents[0].given = True
    recontact.settle(session, first)
    session.commit()
    way = recontact.way_back(session, first, now=SENT)
    assert (way.token, way.code) == (token, None)
    (kept,) = session.scalars(select(InvitationToken).filter_by(short_code_hash=None))
    assert kept.token_hash == token_hash(token)


def test_later_answers_make_no_invitation_of_their_own(session, campaign):
    later = answered(session, campaign, wave=2)
    assert recontact.invitation_of(session, later) is None


def test_those_can_be_followed_that_are_open_now_and_not_answered(session, mine, back):
    carer = answered(
        session, mine.campaign, perspective="carer", respondent=mine.respondent
    )
    other_campaign = factories.make_campaign(session)
    factories.make_wave(session, other_campaign)
    answered(session, other_campaign, respondent=mine.respondent)
    answered(session, mine.campaign)
    when, theirs = moments(mine), recontact.invitation_of(session, carer)

    def told(now=when["retest"], of=mine):
        return recontact.open_now(session, of, now=now)

    assert told() == told(of=carer) == {"service_user": back, "carer": theirs}
    assert told(when["first"]) == told(when["over"]) == {}
    assert told(of=Assessment()) == {}  # a preview's
    theirs.status = "withdrawn"
    session.commit()
    assert told() == {"service_user": back}
    theirs.status, carer.withdrawn_at = "sent", SENT
    session.commit()
    assert told() == {"service_user": back}
    again(session, mine)
    assert told() == {}
    assert told(when["follow-up"]) == {"service_user": back}


def test_a_visit_is_led_on_to_a_way_back_that_is_open(session, mine, back):
    when, came_by = moments(mine), factories.make_invitation(session, mine.campaign)
    known = {"secret_hash": "a secret", "expires_at": when["over"]}
    visit = RespondentSession(invitation=came_by, assessment=mine, **known)
    session.add(visit)
    session.commit()
    for perspective, now in (("carer", "retest"), ("service_user", "first")):
        with pytest.raises(NotFound):
            recontact.follow(session, visit, perspective, now=when[now])
    recontact.follow(session, visit, "service_user", now=when["retest"])
    session.rollback()
    assert (visit.invitation, visit.assessment) == (back, None)
