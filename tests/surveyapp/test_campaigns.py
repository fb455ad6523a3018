"""The coordinator's pages: links made once, shown once, and closed."""

import re

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.database import utc_now
from surveyapp.links import token_hash
from surveyapp.models import AuditEvent, Campaign, Invitation, Mailing, MailingFile

from .. import factories
from .respond.visitor import without_tokens
from .signing_in import sign_in

pytestmark = pytest.mark.any_database


def signed_in(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    return campaign


def made(client, campaign, kind, **sent):
    """The list of links that a form makes, as it is shown."""
    address = f"/campaigns/{campaign.id}/{kind}/new"
    return client.post(address, data=sent, follow_redirects=True).text


def test_personal_links_are_on_their_list_alone_and_stored_as_hashes(client, session):
    campaign = signed_in(client, session)
    page = made(client, campaign, "links", n=3)
    tokens = re.findall(r"/s/([\w-]{20,})", page)
    stored = session.scalars(select(Invitation)).all()
    assert len(tokens) == len(stored) == 3
    assert {token_hash(t) for t in tokens} == {i.tokens[0].token_hash for i in stored}
    assert tokens[0] not in client.get(f"/campaigns/{campaign.id}").text


def test_a_link_and_its_code_lead_to_the_same_person(client, session):
    campaign = signed_in(client, session)
    page = made(client, campaign, "links", n=1)
    token = re.search(r"/s/([\w-]{20,})", page)[1]
    code = re.search(r"[2-9A-Z]{3}(?:-[2-9A-Z]{3}){2}", page)[0]
    assert client.get(f"/s/{token}").status_code == 200
    asked = {"code": code, "mode": "telephone"}  # staff say how the person answers
    assert client.post("/", data=asked).status_code == 303


def test_a_number_that_makes_no_sense_is_shown_again(client, session):
    campaign = signed_in(client, session)
    for n in ("0", "501", "many"):
        response = client.post(f"/campaigns/{campaign.id}/links/new", data={"n": n})
        assert response.status_code == 422
        assert "from 1 to 500" in response.text and f'value="{n}"' in response.text


def test_a_closed_link_lets_nobody_in(client, session):
    campaign = signed_in(client, session)
    page = made(client, campaign, "open-links", label="Poster")
    token = re.search(r"/s/([\w-]{20,})", page)[1]
    link = session.scalars(select(Invitation)).one()
    assert client.get(f"/s/{token}").status_code == 200
    client.post(f"/campaigns/{campaign.id}/open-links/{link.id}/close")
    assert client.get(f"/s/{token}").status_code == 410


def test_a_campaign_tells_how_many_answered_and_nothing_they_said(client, session):
    campaign = signed_in(client, session)
    for n in range(3):
        at = factories.LONG_AGO if n else None
        made = factories.make_assessment(session, campaign, submitted_at=at)
        session.add(factories.make_score(made, value=71.25))
    text = client.get(f"/campaigns/{campaign.id}").text
    cells = re.findall(r'nhsuk-table__cell">(\d+)<', text)
    assert cells == ["3", "2", "0", "0"]
    assert "71" not in re.findall(r"\d+", without_tokens(text))


def test_a_coordinator_makes_a_campaign_for_every_perspective(client, session):
    team = factories.make_team(session)
    sign_in(client, session, "coordinator", team.trust)
    form = {"title": "Spring", "form": "short"}
    response = client.post("/campaigns/", data=form)
    campaign = session.scalars(select(Campaign)).one()
    assert response.location == f"/campaigns/{campaign.id}/life/"
    assert campaign.teams == [team] and not campaign.is_open(utc_now())
    assert campaign.perspectives[:2] == ["service_user", "carer"]


def test_a_campaign_without_title_or_form_is_asked_for_again(client, session):
    signed_in(client, session)
    response = client.post("/campaigns/", data={"title": " ", "form": "none"})
    assert response.status_code == 422
    assert "Enter a title" in response.text and "Choose a form" in response.text
    assert session.query(Campaign).count() == 1


def test_no_link_is_made_without_a_team_where_there_are_several(client, session):
    """Its answers would count for no team, and so nowhere."""
    campaign = signed_in(client, session)
    campaign.teams.append(factories.make_team(session, campaign.trust, "Moorside"))
    typed = {"label": "Waiting room", "n": "7", "team": ""}
    for kind, kept in (("open-links", "Waiting room"), ("links", "7")):
        response = client.post(f"/campaigns/{campaign.id}/{kind}/new", data=typed)
        assert response.status_code == 422
        assert "Choose the team that the answers are about" in response.text
        assert f'value="{kept}"' in response.text
    assert session.query(Invitation).count() == 0


@pytest.mark.one_database
def test_a_list_is_looked_at_again_until_it_is_printed_and_each_look_is_noted(
    client, session
):
    campaign = signed_in(client, session)
    sent = client.post(f"/campaigns/{campaign.id}/links/new", data={"n": 2})
    first = client.get(sent.location).text
    tokens = re.findall(r"/s/([\w-]{20,})", first)
    assert len(tokens) == 2 and tokens[0] in client.get(sent.location).text
    assert sent.location in client.get(f"/campaigns/{campaign.id}/links/").text
    looks = select(AuditEvent.id).where(AuditEvent.action == "links.downloaded")
    assert len(session.scalars(looks).all()) == 2
    kept = session.connection().exec_driver_sql("SELECT content FROM mailing_file")
    assert tokens[0].encode() not in bytes(kept.scalar())
    client.post(sent.location)
    assert tokens[0] not in client.get(sent.location).text
    assert session.scalars(select(MailingFile)).all() == []


@pytest.mark.one_database
def test_a_draft_goes_with_the_lists_of_its_links(client, session):
    campaign = signed_in(client, session)
    campaign.is_draft = True
    session.commit()
    made(client, campaign, "links", n=2)
    client.post(f"/campaigns/{campaign.id}/life/delete")
    assert session.query(Campaign).count() == session.query(Mailing).count() == 0


def test_who_has_not_chosen_a_role_is_not_counted_as_a_service_user(client, session):
    campaign = signed_in(client, session)
    factories.make_assessment(session, campaign, position="role")
    factories.make_assessment(session, campaign)
    text = client.get(f"/campaigns/{campaign.id}").text
    rows = re.findall(r'scope="row">([^<]+)</th>\s*<td[^>]*>(\d+)<', text)
    assert rows == [("Service user", "1"), ("Not chosen yet", "1")]


def test_a_campaign_says_in_which_order_its_questions_come(client, session):
    campaign = signed_in(client, session)
    page = client.get("/campaigns/").text
    assert re.search(r'value="rotated"\s+checked', page)
    asked = {"title": "In parts", "form": "pilot", "item_order": "booklets"}
    client.post("/campaigns/", data={**asked, "length": "30"})
    made = session.scalars(select(Campaign).where(Campaign.id != campaign.id)).one()
    assert (made.item_order, made.booklet_length) == ("booklets", 30)


@pytest.mark.parametrize(
    "form, length, says",
    [
        ("short", "30", "This form has 30 questions"),
        ("short", "12", "12 is too few"),
        ("pilot", "", "Enter how many questions each person gets"),
        ("pilot", "many", "Enter how many questions each person gets"),
    ],
)
def test_a_form_too_short_for_booklets_is_explained(
    client, session, form, length, says
):
    signed_in(client, session)
    asked = {"title": "A", "form": form, "item_order": "booklets", "length": length}
    response = client.post("/campaigns/", data=asked)
    assert response.status_code == 422
    assert says in response.text


def test_an_order_that_does_not_exist_is_refused(client, session):
    signed_in(client, session)
    asked = {"title": "A", "form": "short", "item_order": "backwards"}
    assert client.post("/campaigns/", data=asked).status_code == 422


def test_a_campaign_has_the_languages_that_its_forms_are_validated_in(
    client, session, monkeypatch
):
    given = {"en": "English", "cy": "Cymraeg"}
    monkeypatch.setattr(bank, "languages", lambda ref: given)
    team = factories.make_team(session)
    sign_in(client, session, "coordinator", team.trust)
    assert "Cymraeg" in client.get("/campaigns/").text
    asked = {"title": "In two languages", "form": "short", "languages": ["en", "cy"]}
    assert client.post("/campaigns/", data=asked).status_code == 303
    assert session.scalar(select(Campaign.languages)) == ["en", "cy"]


def test_a_language_that_no_form_has_is_refused(client, session):
    team = factories.make_team(session)
    sign_in(client, session, "coordinator", team.trust)
    assert 'name="languages"' not in client.get("/campaigns/").text
    asked = {"title": "In Welsh", "form": "short", "languages": ["cy"]}
    response = client.post("/campaigns/", data=asked)
    assert response.status_code == 422
    assert "validated in" in response.text
