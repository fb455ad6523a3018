"""Answers said on the telephone or face to face, written down by staff."""

import pytest
from sqlalchemy import select

from surveyapp.links import code_hash, new_code
from surveyapp.models import Assessment, AuditEvent

from ...factories import make_invitation
from ..signing_in import sign_in

pytestmark = pytest.mark.any_database


@pytest.fixture
def coordinator(visitor, session, campaign):
    sign_in(visitor.client, session, "coordinator", campaign.trust)
    return visitor


def test_staff_say_how_the_person_answers_and_it_is_recorded(coordinator, session):
    coordinator.get("/s/a-token")
    assert "How is the person answering?" in coordinator.page
    coordinator.post(mode="telephone")
    coordinator.consent()
    recorded = session.execute(select(Assessment.mode, Assessment.assisted_by)).one()
    assert recorded == ("telephone", "staff")
    noted = session.execute(select(AuditEvent.action, AuditEvent.detail)).all()
    assert ("visit.assisted", {"mode": "telephone"}) in noted


def test_staff_who_do_not_say_how_are_asked_again(coordinator):
    coordinator.get("/s/a-token")
    response = coordinator.post()
    assert response.status_code == 422
    assert "Error: " in coordinator.page


def test_staff_can_type_the_code_of_a_letter(app, coordinator, session, campaign):
    key, code = app.config["PROM"].derived_key("codes"), new_code()
    make_invitation(session, campaign, "letter", short_code_hash=code_hash(code, key))
    coordinator.get("/")
    assert coordinator.post(code=code).status_code == 422
    coordinator.post(code=code, mode="face_to_face")
    assert coordinator.path == "/survey/information"


def test_one_person_after_another_can_be_asked(coordinator, session):
    for mode in ("telephone", "face_to_face"):
        coordinator.get("/s/a-token")
        coordinator.post(mode=mode, who="another")
        coordinator.consent()
    modes = session.scalars(select(Assessment.mode).order_by(Assessment.id)).all()
    assert modes == ["telephone", "face_to_face"]


def test_staff_stay_signed_in_when_they_finish(coordinator):
    coordinator.get("/s/a-token")
    coordinator.post(mode="telephone")
    coordinator.get("/survey/stop")
    response = coordinator.send("/finish", follow=False)
    assert "Clear-Site-Data" not in response.headers
    assert coordinator.get("/campaigns/").status_code == 200


@pytest.mark.parametrize("role", ["lead", None])
def test_nobody_else_can_say_that_staff_wrote_it_down(visitor, session, campaign, role):
    if role:
        sign_in(visitor.client, session, role, campaign.trust)
    visitor.get("/s/a-token")
    assert "How is the person answering?" not in visitor.page
    visitor.post(mode="telephone")
    visitor.consent()
    assert session.scalar(select(Assessment.mode)) == "web"


def test_a_coordinator_of_another_trust_is_anyone(visitor, session):
    sign_in(visitor.client, session, "coordinator")
    visitor.get("/s/a-token")
    assert "How is the person answering?" not in visitor.page
