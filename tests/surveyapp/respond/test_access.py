"""Ways in: links and codes do no harm when looked at, and leave no trace behind."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveyapp.database import utc_now
from surveyapp.links import code_hash, grouped, new_code, token_hash
from surveyapp.models import Assessment, InvitationToken, RespondentSession

from ...factories import make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.any_database


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


@pytest.fixture
def personal_code(app, session, campaign):
    """The code of a personal invitation, as it is printed on a letter."""
    code = new_code()
    key = app.config["PROM"].derived_key("codes")
    make_invitation(session, campaign, "other", short_code_hash=code_hash(code, key))
    return grouped(code)


def test_looking_at_a_link_changes_nothing(visitor, session):
    for _ in range(3):
        assert visitor.get("/s/a-token").status_code == 200
    assert count(session, RespondentSession) == 0


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(visitor):
    visitor.get("/s/a-token")
    response = visitor.send(follow=False)
    assert response.status_code == 303
    assert response.location == "/survey/?begun=yes"
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_only_a_hash_of_the_cookie_is_kept_and_it_lasts_twenty_hours(visitor, session):
    visitor.open_link()
    secret = visitor.client.get_cookie("survey").value
    visit = session.scalar(select(RespondentSession))
    assert visit.secret_hash == token_hash(secret) != secret
    assert visit.expires_at - visit.created_at >= timedelta(hours=20)


def test_an_unknown_link_is_not_found_and_is_not_repeated(visitor):
    response = visitor.get("/s/no-such-token")
    assert response.status_code == 404
    assert "no-such-token" not in visitor.page


def test_a_typed_code_lets_in_however_it_is_typed(client, personal_code):
    visitor = Visitor(client)
    visitor.get("/")
    visitor.post(code=f" {personal_code.lower().replace('-', ' ')}")
    assert visitor.path == "/survey/information"


def test_each_message_may_carry_a_link_of_its_own(visitor, session, open_link):
    second = InvitationToken(token_hash=token_hash("a-reminder"))
    open_link.tokens.append(second)
    session.commit()
    assert visitor.get("/s/a-reminder").status_code == 200
    second.closed_at = utc_now()
    session.commit()
    assert visitor.get("/s/a-reminder").status_code == 404
    assert visitor.get("/s/a-token").status_code == 200


def test_a_mistyped_code_is_shown_again(visitor):
    visitor.get("/")
    response = visitor.post(code="ABC-DEF-GHJ")
    assert response.status_code == 422
    assert 'value="ABC-DEF-GHJ"' in visitor.page
    assert "<title>Error: " in visitor.page


def test_guessing_codes_is_slowed_down_for_all_workers_together(visitor):
    visitor.get("/")
    statuses = [visitor.send("/", code=new_code()).status_code for _ in range(62)]
    assert 429 in statuses and statuses.count(422) <= 60


def test_slips_of_the_finger_are_not_counted_as_guesses(visitor, client, personal_code):
    visitor.get("/")
    for _ in range(15):
        visitor.post(code="not a code")
    visitor.post(code=personal_code)
    assert visitor.path == "/survey/information"


@pytest.mark.parametrize("said", [{}, {"device": "shared"}])
def test_the_next_person_on_a_shared_device_starts_anew(visitor, session, said):
    visitor.begin()
    visitor.get("/survey/your-code")
    visitor.post(**said)
    visitor.get("/")
    assert "You have begun" not in visitor.page
    visitor.get("/s/a-token")
    assert "begun the survey on it" not in visitor.page
    visitor.post(who="same")
    assert visitor.path == "/survey/information"
    visitor.consent()
    assert count(session, Assessment) == 2


@pytest.mark.parametrize("token", ["a-token", "mine"])
def test_the_same_person_on_their_own_device_goes_on(visitor, session, campaign, token):
    make_invitation(session, campaign, "mine")
    visitor.begin(token=token)
    visitor.get("/survey/your-code")
    visitor.post(device="own")
    here = visitor.path
    visitor.get(f"/s/{token}")
    assert "begun the survey on it" in visitor.page
    visitor.post(who="same")
    assert visitor.path == here and here.startswith("/survey/")
    visitor.get(f"/s/{token}")
    visitor.post(who="another")
    assert visitor.path == "/survey/information"
    assert count(session, Assessment) == 1


def test_finishing_clears_the_device(visitor, another_device):
    visitor.begin()
    secret = visitor.client.get_cookie("survey").value
    visitor.get("/survey/stop")
    response = visitor.send("/finish", follow=False)
    assert "cookies" in response.headers["Clear-Site-Data"]
    another_device.client.set_cookie("survey", secret)
    assert another_device.get("/survey/1").status_code == 403


def test_a_personal_code_brings_back_on_another_device(
    client, session, campaign, another_device
):
    make_invitation(session, campaign, "mine")
    here = Visitor(client).begin(token="mine")
    here.get("/survey/1")
    here.post(parity_asked="3")
    another_device.open_link("mine")
    assert another_device.path == "/survey/information"
    another_device.go_on_with(here.code)
    assert another_device.path == "/survey/2"
    another_device.get("/survey/1")
    assert 'value="3" checked' in another_device.page


def test_a_closed_campaign_says_so(visitor, session, campaign):
    campaign.closes_at = campaign.opens_at
    assert visitor.get("/s/a-token").status_code == 410
