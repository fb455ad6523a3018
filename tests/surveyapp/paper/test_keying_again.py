"""A second form of the same person, keyed with the code to come back."""

from datetime import UTC, datetime

import pytest

from surveyapp.assessments import recontact
from surveyapp.models import Assessment, CampaignWave
from surveyapp.paper.keying_sheet import sheet_of

from .keyers import reading, sent_as, stored

pytestmark = pytest.mark.any_database

FIRST_DAY = "2026-03-02"


@pytest.fixture
def again(app, session, keyers, campaign):
    """The code of somebody whose first form was keyed and who agreed to a retest."""
    campaign.waves.append(
        CampaignWave(number=2, kind="retest", after_days=14, window_days=14)
    )
    session.commit()
    form_id = keyed(keyers, session, keyers[0].begin(campaign), day=FIRST_DAY)
    first = stored(session, form_id).assessment
    with app.app_context():
        return recontact.secrets_of(first)[1]


def keyed(keyers, session, form_id, *, day, **more):
    """Key a form twice, alike, with what this sheet asks beside the first's."""
    sheet = sheet_of(stored(session, form_id))
    read = reading(completed_on=day, **more)
    for keyer in keyers[:2]:
        keyer.claim(form_id)
        for number, page in enumerate(sheet.pages, start=1):
            sent = {f.name: sent_as(f, read) for f in page.fields}
            response = keyer.client.post(f"/keying/{form_id}/page/{number}", data=sent)
            assert response.status_code == 303, response.text
    return form_id


def begin_with(keyer, code):
    response = keyer.client.post("/keying/", data={"code": code})
    assert response.status_code == 303, response.text
    return int(response.location.split("/")[2])


def test_the_second_form_joins_the_same_person_in_the_wave_of_its_day(
    session, keyers, campaign, again
):
    form_id = begin_with(keyers[0], again)
    asked = sheet_of(stored(session, form_id)).fields
    steady = asked["stability"].boxes[0][0]
    keyed(keyers, session, form_id, day="2026-03-20", stability=steady)
    first, second = session.query(Assessment).order_by(Assessment.wave)
    assert (first.wave, second.wave) == (1, 2)
    assert second.respondent_id == first.respondent_id
    assert second.submitted_at == datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert steady in {row.value for row in second.background}


def test_a_form_that_was_filled_in_after_the_window_belongs_to_the_wave_before(
    session, keyers, campaign, again
):
    form_id = begin_with(keyers[0], again)
    keyed(keyers, session, form_id, day="2026-06-20", stability="blank")
    form = stored(session, form_id)
    assert (form.stage, form.assessment.wave) == ("agreed", 2)


def test_a_second_form_for_the_same_wave_is_set_aside(session, keyers, campaign, again):
    form_id = begin_with(keyers[0], again)
    keyed(keyers, session, form_id, day="2026-03-20", stability="blank")
    form_id = begin_with(keyers[0], again)
    keyed(keyers, session, form_id, day="2026-03-21", stability="blank")
    assert stored(session, form_id).stage == "superseded"
    assert session.query(Assessment).count() == 2
