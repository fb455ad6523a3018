"""What a campaign says of itself: filled in by the trust, the same on every way in."""

import re
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import select

import surveyapp
from surveyapp import bank
from surveyapp.assessments import notice_slots, notices, queries
from surveyapp.assessments.notices import NOTICES, PLACE, Reader
from surveyapp.database import utc_now
from surveyapp.models import Campaign, CampaignNotice, Comment, Consent
from surveyapp.paper.form_texts import WORDS
from surveyapp.wording import language

from .. import factories
from .people import comments_for_leads
from .respond.visitor import Visitor
from .signing_in import sign_in

pytestmark = pytest.mark.one_database

WAYS = [(mode, False) for mode in ("web", "paper", "telephone", "face_to_face")]
WAYS += [("paper", True)]
FACTS = {name for name, said in factories.SLOTS.items() if said}


@pytest.fixture
def coordinator(client, session):
    """A coordinator's browser, and a campaign that waits for its notices."""
    team = factories.make_team(session)
    user = sign_in(client, session, "coordinator", team.trust)
    client.post("/campaigns/", data={"title": "Spring", "form": "short"})
    campaign = session.scalars(select(Campaign)).one()
    factories.make_comment_protocol(session, campaign, user)
    session.commit()
    return client, campaign


def told(app, campaign, perspective, mode, is_letter):
    """All that one person is told, as one text."""
    form = bank.instrument(campaign.instrument_ref(perspective))
    reader = Reader(perspective, mode, is_letter=is_letter)
    with app.app_context():
        given = notices.documents_of(campaign, form, reader)
    return "\n".join(document.body for document in given)


def test_a_campaign_with_an_empty_slot_does_not_open(coordinator, session):
    client, campaign = coordinator
    factories.make_invitation(session, campaign, is_open=True)
    address = f"/campaigns/{campaign.id}/notices/"
    for name in notice_slots.asked_of(False):
        sent = {**factories.SLOTS, name.id: " ", "purpose": "service_evaluation"}
        assert client.post(address, data=sent).status_code == 303
        session.expire_all()
        assert not campaign.is_open(utc_now())
        assert client.get("/s/a-token").status_code == 410
        assert name.label in client.get(f"/campaigns/{campaign.id}").text
        refused = client.post(f"/campaigns/{campaign.id}/life/open")
        assert refused.status_code == 422 and "left to fill in" in refused.text
    client.post(address, data={**factories.SLOTS, "purpose": "service_evaluation"})
    session.expire_all()
    assert client.get("/s/a-token").status_code == 410  # a person opens it
    client.post(f"/campaigns/{campaign.id}/life/open")
    session.expire_all()
    assert campaign.is_open(utc_now())
    assert client.get("/s/a-token").status_code == 200


def test_research_does_not_open_without_sponsor_and_investigator(coordinator, session):
    client, campaign = coordinator
    address = f"/campaigns/{campaign.id}/notices/"
    client.post(address, data={**factories.SLOTS, "purpose": "research"})
    session.expire_all()
    assert client.post(f"/campaigns/{campaign.id}/life/open").status_code == 422
    assert "Who is the sponsor?" in client.get(f"/campaigns/{campaign.id}").text


def test_a_campaign_that_ran_before_stays_open_and_is_red(client, session):
    campaign = factories.make_campaign(session, notices=[])
    sign_in(client, session, "coordinator", campaign.trust)
    assert campaign.is_open(utc_now())
    page = client.get(f"/campaigns/{campaign.id}").text
    assert "Open with gaps" in page and "nhsuk-error-summary" in page
    assert "Notices incomplete" in client.get("/campaigns/").text


def test_what_people_are_told_cannot_be_taken_away_while_it_runs(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/notices/"
    response = client.post(address, data={**factories.SLOTS, "pals": ""})
    assert response.status_code == 422 and "cannot be taken away" in response.text
    assert client.post(address, data={**factories.SLOTS, "retention": "0"}).text.count(
        "Enter a whole number from 1 to 240"
    )
    assert session.query(CampaignNotice).count() == 1


def test_a_change_is_a_new_version_and_who_agreed_before_keeps_theirs(
    app, client, session
):
    campaign = factories.make_campaign(session)
    factories.make_invitation(session, campaign, is_open=True)
    sign_in(client, session, "coordinator", campaign.trust)
    session.commit()
    Visitor(app.test_client()).begin()
    address = f"/campaigns/{campaign.id}/notices/"
    client.post(address, data={**factories.SLOTS, "pals": "Elsewhere"})
    Visitor(app.test_client()).begin()
    session.expire_all()
    assert [n.version for n in campaign.notices] == [1, 2]
    assert campaign.notices[0].slots["pals"] == factories.SLOTS["pals"]
    assert sorted(set(session.scalars(select(Consent.notice_version)))) == [1, 2]


@pytest.mark.parametrize("is_research", [False, True])
def test_every_place_is_filled_for_every_reader(app, session, is_research):
    forms = {p: f"pilot_{p}.v2" for p in ("service_user", "carer", "professional")}
    made = [factories.notice(is_research=is_research)]
    campaign = factories.make_campaign(session, instruments=forms, notices=made)
    for perspective, (mode, is_letter) in product(forms, WAYS):
        text = told(app, campaign, perspective, mode, is_letter)
        assert not PLACE.search(text) and ".." not in text
        assert ("research study" in text) == (is_research and not is_letter)


def test_the_same_facts_stand_on_the_web_and_on_paper(app, session):
    campaign = factories.make_campaign(session)
    for perspective in campaign.perspectives:
        for name in FACTS - {"carers_support"}:
            said = factories.SLOTS[name].rstrip(".")
            for mode, _ in WAYS[:-1]:
                assert said in told(app, campaign, perspective, mode, False), name
    carers = told(app, campaign, "carer", "web", False)
    assert factories.SLOTS["carers_support"] in carers


def test_a_letter_says_who_asks_whence_the_address_and_how_long_it_takes(app, session):
    campaign = factories.make_campaign(session)
    letter = told(app, campaign, "carer", "paper", True)
    wanted = (campaign.trust.name, factories.SLOTS["address_source"], "questions")
    assert all(fact in letter for fact in wanted)


def test_carers_and_professionals_are_spoken_to_as_such(app, session):
    forms = {p: f"pilot_{p}.v2" for p in ("service_user", "carer", "professional")}
    campaign = factories.make_campaign(session, instruments=forms)
    for mode, is_letter in WAYS:
        carer = told(app, campaign, "carer", mode, is_letter)
        assert "your physical health" not in carer and "person you care for" in carer
        professional = told(app, campaign, "professional", mode, is_letter)
        assert "care for you" not in professional and "Your care" not in professional


def test_where_somebody_helps_the_limits_of_confidence_are_said(app, session):
    campaign = factories.make_campaign(session)
    for mode, _ in WAYS[:-1]:
        assert "in danger, they may have to" in told(
            app, campaign, "service_user", mode, False
        )
    for mode in notices.HELPED:
        text = told(app, campaign, "service_user", mode, False)
        assert "do not get to see your answers" not in text


def test_nobody_is_promised_more_than_a_made_up_number(app, session):
    campaign = factories.make_campaign(session)
    forbidden = ("anonymous", "picked out", "nobody can tell", "nobody can find")
    for mode, is_letter in WAYS:
        text = told(app, campaign, "service_user", mode, is_letter).lower()
        assert [words for words in forbidden if words in text] == []


def test_the_preview_shows_each_perspective_and_way(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/notices/preview"
    carer = client.get(f"{address}?perspective=carer&way=letter").text
    assert "the person you care for" in carer and "in a letter" in carer
    web = client.get(f"{address}?perspective=service_user&way=web").text
    assert factories.SLOTS["dpo"] in web and "your physical health" in web


def test_every_place_of_the_texts_is_a_slot_or_known_to_the_survey(app, session):
    campaign = factories.make_campaign(session)
    form = bank.instrument(campaign.instrument_ref("carer"))
    with app.app_context():
        known = {*notice_slots.IDS, *notices.places_of(campaign, form)}
    used = {
        place
        for ref in NOTICES
        for part in bank.document(ref).parts
        for place in PLACE.findall(part.text + part.easy)
    }
    assert used <= known and set(notice_slots.IDS) <= used


@pytest.mark.parametrize("perspective", ["service_user", "carer"])
def test_each_passage_of_the_notices_has_easier_words_that_say_the_same(perspective):
    for ref in NOTICES:
        for part in bank.document(ref).parts:
            if part.perspective and perspective not in part.perspective:
                continue
            assert part.easy, (ref, part.id)
            assert set(PLACE.findall(part.easy)) == set(PLACE.findall(part.text))
            assert part.easy.startswith("- ") == part.text.startswith("- ")
            sentences = re.split(r"(?<=[.!?:])\s+|\n+", PLACE.sub("this", part.easy))
            assert max(len(sentence.split()) for sentence in sentences) <= 15, part.id


def test_easy_read_gives_the_notices_in_its_own_words(app, session):
    campaign = factories.make_campaign(session)
    form = bank.instrument(campaign.instrument_ref("service_user"))
    with app.app_context():
        bodies = [
            "\n".join(
                d.body
                for d in notices.documents_of(
                    campaign, form, Reader("service_user", is_easy=is_easy)
                )
            )
            for is_easy in (False, True)
        ]
    assert "your physical health (your body)" in bodies[1] and bodies[0] != bodies[1]
    for fact in FACTS - {"chief", "sponsor", "carers_support"}:
        assert factories.SLOTS[fact].rstrip(".") in bodies[1], fact


def test_help_now_is_called_the_same_wherever_a_campaign_names_it():
    (ref,) = [r for r in NOTICES if r.startswith("help_in_distress")]
    assert bank.document(ref).title == "Help now"
    templates = Path(surveyapp.__file__).parent / "templates"
    told = [page.read_text() for page in templates.rglob("*.html")]
    told += [*WORDS.values(), *language("en-easy").texts.values()]
    told += [part.text + part.easy for r in NOTICES for part in bank.document(r).parts]
    other = re.compile(r"(where to find|get|find) help|help in distress", re.I)
    assert [text for text in told if other.search(text)] == []


def test_only_who_agreed_is_shared_outside_and_only_their_comments_go_to_leads(session):
    campaign = factories.make_campaign(session)
    for n, said in enumerate([True, False, None]):
        consents = [
            Consent(statement_id=name, statement_version=1, given=said)
            for name in ("consent_sharing", "consent_comment")
            if said is not None
        ]
        factories.make_assessment(
            session,
            campaign,
            submitted_at=factories.LONG_AGO,
            consents=consents,
            comments=[Comment(text=f"Comment {n}")],
        )
    asked = (session, campaign, "service_user")
    assert len(queries.submitted(*asked)) == 3
    (shared,) = queries.submitted(*asked, only_shared=True)
    assert shared.comments[0].text == "Comment 0"
    assert comments_for_leads(session, campaign) == ["Comment 0"]
