"""Whose answers a way back leads to, and when a list is too old to be relied on."""

from datetime import date, timedelta

import pytest

from surveyapp.assessments import recontact, suppression
from surveyapp.database import utc_now
from surveyapp.errors import AssessmentClosed, CampaignClosed
from surveyapp.models import Respondent, RespondentSession
from surveyapp.models.contact_import import LISTS

from ...factories import LONG_AGO, make_assessment, make_campaign, make_invitation

pytestmark = pytest.mark.one_database


def way_back(session, campaign, respondent):
    made = make_invitation(session, campaign, token=f"back {respondent.pseudonym}")
    made.respondent_id, made.perspective = respondent.id, "service_user"
    session.flush()
    return made


def test_an_invitation_to_come_back_leads_to_ones_own_answers(session):
    campaign, other = make_campaign(session), make_campaign(session)
    both = [make_assessment(session, campaign, submitted_at=LONG_AGO) for _ in "12"]
    for mine in both:
        back = way_back(session, campaign, mine.respondent)
        assert recontact.standing_of(session, back, now=utc_now()).first is mine
        assert recontact.invitation_of(session, mine) is back
    elsewhere = make_assessment(session, other, respondent=both[0].respondent)
    assert recontact.invitation_of(session, elsewhere) is None


def test_nobody_comes_back_to_answers_that_were_not_sent(session):
    campaign = make_campaign(session)
    for sent in ({}, {"submitted_at": LONG_AGO, "wave": 2}):
        someone = Respondent(pseudonym=f"somebody {len(sent)}")
        make_assessment(session, campaign, respondent=someone, **sent)
        back = way_back(session, campaign, someone)
        with pytest.raises(CampaignClosed):
            recontact.standing_of(session, back, now=utc_now())


def test_a_visit_that_has_not_ended_leads_to_no_way_back(session):
    for assessment in (None, make_assessment(session)):
        visit = RespondentSession(assessment=assessment)
        with pytest.raises(AssessmentClosed):
            recontact.follow(session, visit, "service_user", now=utc_now())


def test_a_list_counts_for_thirty_days_and_not_for_one_more():
    today = date(2026, 3, 27)
    for age, expected in ((30, []), (31, [*LISTS])):
        lists = dict.fromkeys(LISTS, today - timedelta(days=age))
        found = suppression.not_fresh(lists, today, heeds_opt_out=True)
        assert found == expected
