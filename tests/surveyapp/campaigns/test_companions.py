"""Other measures beside the form: chosen, asked, exported, expected to agree."""

import csv
import io

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments import companions
from surveyapp.assessments.journey import Journey, journey_of
from surveyapp.assessments.notices import n_questions, places_of
from surveyapp.campaigns.import_columns import forms_of, question_columns
from surveyapp.models import Assessment, AuditEvent, BackgroundAnswer
from surveyapp.research.exports.export import tables
from surveyapp.research.files.plans import parse_plan
from surveyapp.research.runs import campaign_plan

from ... import factories
from ..respond.visitor import Visitor
from ..signing_in import sign_in

pytestmark = pytest.mark.any_database

BOTH = ["overall_involvement.v1", "phq_4.v1"]
PHQ = {"phq_4_nervous": "1", "phq_4_worrying": "2", "phq_4_interest": "0"}
REF = "short_service_user.v1"


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session, companion_measures=BOTH)


def test_a_coordinator_chooses_them_on_the_campaigns_page(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/beside/"
    assert "PHQ-4" in client.get(address).text
    assert client.post(address, data={"measure": BOTH}).status_code == 303
    session.refresh(campaign)
    assert campaign.companion_measures == BOTH
    page = client.get(f"/campaigns/{campaign.id}").text
    assert all(m.title in page for m in bank.companions() if m.ref in BOTH)
    assert "phq_4.v1" not in page
    client.post(address, data={"measure": "phq_4.v1"})
    session.refresh(campaign)
    assert campaign.companion_measures == ["phq_4.v1"]
    assert client.post(address, data={"measure": "mine.v1"}).status_code == 422
    details = [event.detail for event in session.scalars(select(AuditEvent))]
    assert {"measures": BOTH} in details


def test_they_are_asked_after_the_statements_and_exported_with_scores(
    app, client, session, campaign
):
    factories.make_invitation(session, campaign)
    visitor = Visitor(client).begin()
    stops = Journey(
        bank.instrument(REF),
        companions=companions.pages(BOTH),
    ).stops
    assert stops.index("30") < stops.index("more-2") < stops.index("more-4")
    visitor.answer_all()
    visitor.get("/survey/more-3")
    assert "A few more questions" in visitor.page
    assert visitor.page.count("Over the last 2 weeks") == 1
    visitor.post(**PHQ, phq_4_down="3")
    visitor.get("/survey/more-2")
    visitor.post(overall_involvement_involved="4")
    visitor.get("/survey/check")
    assert "Feeling down, depressed, or hopeless" in visitor.page
    visitor.submit()
    session.expire_all()
    with app.app_context():
        made = tables(session, campaign, "service_user")
    (row,) = csv.DictReader(io.StringIO(made.responses))
    assert (row["phq_4"], row["phq_4_anxiety"], row["phq_4_depression"]) == (
        "6",
        "3",
        "3",
    )
    assert row["phq_4_down"] == "3"
    assert row["overall_involvement_involved"] == "4"
    assert row["overall_involvement"] == ""  # one of its items was left out
    book = {r["column"]: r["label"] for r in csv.DictReader(io.StringIO(made.codebook))}
    assert book["phq_4"].endswith(
        "sum of 4 items; empty where one was left out; 0 to 12"
    )


@pytest.mark.parametrize(("language", "sizes"), [("en", [2, 4]), ("cy", [])])
def test_who_reads_another_language_is_not_asked(session, campaign, language, sizes):
    assessment = factories.make_assessment(session, campaign, language=language)
    assert [len(page) for page in journey_of(assessment).companions] == sizes


def test_a_campaign_without_them_asks_nothing_more(app, session):
    campaign = factories.make_campaign(session)
    assert companions.measures(campaign) == ()
    with app.app_context():
        made = tables_of_one(session, campaign)
    assert not any(name.startswith("phq_4") for name in made.about)


def tables_of_one(session, campaign):
    at = factories.LONG_AGO
    made = factories.make_assessment(session, campaign, submitted_at=at)
    made.background.append(BackgroundAnswer(question_id="phq_4_down", value="1"))
    session.commit()
    return tables(session, campaign, "service_user")


@pytest.mark.parametrize("measure", bank.companions(), ids=lambda m: m.ref)
def test_the_highest_score_is_that_of_the_range(measure):
    named = [question.id for question in companions.questions([measure])]
    for code, expected in ((min(measure.labels), 0), (max(measure.labels), 1)):
        found = companions.scores(measure, dict.fromkeys(named, str(code)))
        assert found[measure.id] == f"{measure.range[expected]:g}"
    assert set(companions.scores(measure, {}).values()) == {""}


def test_a_plan_to_fill_in_expects_what_each_measure_is_for(session, campaign):
    text = campaign_plan.plan_to_fill_in(campaign, "service_user")
    first, second = parse_plan(text.encode(), "plan.yaml").hypotheses
    assert (first.other, first.expect, first.at_least) == (
        "overall_involvement",
        "positive",
        0.5,
    )
    assert (second.other, second.expect, second.at_most) == ("phq_4", "either", 0.3)
    plan = parse_plan(text.encode(), "plan.yaml")
    said = list(
        campaign_plan.lacking(
            plan, campaign, "service_user", waves={1}, has_population=False
        )
    )
    assert said == []
    other = factories.make_campaign(session)
    assert "goes with" not in campaign_plan.plan_to_fill_in(other, "service_user")


def test_the_information_counts_them_and_a_file_of_answers_may_hold_them(
    app, session, campaign
):
    form = bank.instrument(REF)
    with app.app_context():
        said = places_of(campaign, form)["n_questions"]
    assert int(said) == n_questions(form) + 6
    assert "phq_4_down" in question_columns(forms_of(campaign))
    assert session.scalars(select(Assessment)).all() == []
