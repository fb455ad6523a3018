"""On paper an adaptive form is its fixed form, and counts with the rest."""

import pytest
from sqlalchemy import select

from surveyapp.assessments import adaptive
from surveyapp.database import utc_now
from surveyapp.models import Reply, Score

from ... import factories
from .keyers import SHEET, reading, stored
from .test_keying import keyed_twice, personal

ITEM = SHEET.instrument.items[0]
OUTSIDE = "parity_could_talk"  # in the pool, and not on paper


@pytest.fixture
def campaign(session):
    trust = factories.make_trust(session, is_demonstration=True)
    given = {"service_user": "demonstration_adaptive_service_user.v1"}
    return factories.make_campaign(session, factories.make_team(session, trust), given)


def test_the_fixed_form_is_keyed_and_scored_both_ways(session, keyers, campaign):
    made = stored(session, keyed_twice(keyers, campaign, reading(), reading()))
    assert made.assessment.instrument == SHEET.instrument.ref
    scores = {score.scale: score for score in session.scalars(select(Score))}
    assert set(scores) == {*SHEET.instrument.scales, "involvement_theta"}
    theta = scores["involvement_theta"]
    assert theta.calibration == "demonstration_service_user.v1" and theta.se < 0.3


def test_paper_replaces_nothing_that_an_adaptive_form_began_online(
    session, keyers, campaign
):
    invitation, code = personal(
        session, campaign, keyers[0].client, perspective="service_user"
    )
    begun = factories.make_assessment(session, campaign, invitation=invitation)
    adaptive.start(begun)
    begun.record(
        [Reply(ITEM.id, 1, value=1), Reply(OUTSIDE, 1, value=3)], now=utc_now()
    )
    begun_with = begun.sitting.given
    response = keyers[0].client.post("/keying/", data={"code": code})
    form_id = int(response.location.split("/")[2])
    keyers[0].key(form_id, reading(**{ITEM.id: "blank"}))
    keyers[1].claim(form_id)
    keyers[1].key(form_id, reading(**{ITEM.id: "blank"}))
    made = stored(session, form_id).assessment
    assert made.id != begun.id and made.mode == "paper"
    assert made.answer_to(ITEM.id) is None and made.answer_to(OUTSIDE) is None
    assert (begun.answer_to(ITEM.id).value, begun.answer_to(OUTSIDE).value) == (1, 3)
    assert begun.is_open and begun.sitting.given == begun_with
