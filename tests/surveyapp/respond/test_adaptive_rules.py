"""What an adaptive form may not do, what it costs, and how it ends up in figures."""

import csv
import io

import pytest
from sqlalchemy import select

from surveyapp import bank, scoring
from surveyapp.assessments import adaptive
from surveyapp.assessments.codes import NOT_ASKED
from surveyapp.campaigns import services
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers, NotAllowed
from surveyapp.models import (
    AdaptiveSitting,
    Answer,
    Assessment,
    AuditEvent,
    Campaign,
    Exposure,
    Score,
)
from surveyapp.research.exports.export import tables
from surveyapp.research.files.codebook import read_codebook
from surveyapp.tracking.nightly_release import due_groups
from surveyapp.tracking.rounding import Draws

from ... import factories
from ...counting import calls, statements
from ..signing_in import sign_in
from .adaptive_visitor import stored
from .visitor import Visitor

pytestmark = pytest.mark.any_database

REF = "demonstration_adaptive_service_user.v1"
FORM = bank.instrument(REF)
SHORT = bank.instrument("short_service_user.v1")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_no_real_trust_opens_a_campaign_from_made_up_answers(app, session):
    trust = factories.make_team(session).trust
    given = {"title": "T", "form": "demonstration_adaptive", "actor": "staff:1"}
    with pytest.raises(InvalidAnswers, match="made-up answers"):
        services.create(session, trust, now=utc_now(), **given)
    assert "demonstration_adaptive" not in services.forms(made_up=False)
    trust.is_demonstration = True
    with app.app_context():
        made = services.create(session, trust, now=utc_now(), **given)
    assert made.instrument_ref("service_user") == REF


def test_the_coordinators_form_does_not_offer_it_and_the_service_refuses(
    client, session
):
    team = factories.make_team(session)
    sign_in(client, session, "coordinator", team.trust)
    assert "demonstration_adaptive" not in client.get("/campaigns/").text
    sent = {"title": "T", "form": "demonstration_adaptive", "trust": team.trust_id}
    response = client.post("/campaigns/", data=sent)
    assert response.status_code == 422 and "rests on made-up answers" in response.text
    assert session.scalars(select(Campaign)).all() == []


def test_nobody_begins_where_such_a_campaign_came_about_otherwise(client, session):
    team = factories.make_team(session)
    campaign = factories.make_campaign(session, team, {"service_user": REF})
    factories.make_invitation(session, campaign, is_open=True)
    person = Visitor(client)
    person.open_link()
    assert person.consent().status_code == 403
    session.rollback()
    assert session.scalars(select(Assessment)).all() == []


def test_made_up_parameters_score_no_paper_of_a_real_trust(session, adaptive_campaign):
    paper = factories.make_assessment(session, adaptive_campaign, mode="paper")
    paper.instrument_id, paper.instrument_version = SHORT.id, SHORT.version
    answer(paper, 3)
    adaptive_campaign.trust.is_demonstration = False
    made = scoring.score_assessment(paper, now=utc_now())
    assert {score.scale for score in made} == set(SHORT.scales)
    with pytest.raises(NotAllowed, match="made-up answers"):
        adaptive.start(factories.make_assessment(session, adaptive_campaign))


def test_an_adaptive_form_keeps_its_own_order(session):
    trust = factories.make_team(session).trust
    trust.is_demonstration = True
    given = {"title": "T", "form": "demonstration_adaptive", "actor": "staff:1"}
    given |= {"item_order": "booklets", "length": 10}
    with pytest.raises(InvalidAnswers, match="chooses its own order"):
        services.create(session, trust, now=utc_now(), **given)


def test_the_same_seed_and_answers_choose_the_same_item(chooser, session):
    chooser.begin()
    asked = chooser.answer_on(lambda n: n % 5)
    assessment = stored(session)
    answers = {answer.item_id: answer for answer in assessment.answers}
    exposures, assessment.answers = list(assessment.sitting.exposures), []
    assessment.sitting.exposures = []
    with session.no_autoflush:
        for exposure in exposures:
            step = scoring.next_step(assessment)
            assert (step.item, step.theta) == (exposure.item_id, exposure.theta)
            assessment.sitting.exposures.append(exposure)
            assessment.answers.append(answers[exposure.item_id])
    assert [e.item_id for e in exposures] == asked


def test_theta_is_the_librarys_eap_of_the_answers(chooser, session):
    chooser.begin()
    asked = chooser.answer_on(lambda n: n % 5)
    chooser.submit()
    answers = {item: n % 5 for n, item in enumerate(asked, start=1)}
    score = session.scalars(select(Score)).one()
    expected = scoring.adaptive_test(REF).estimate(answers)
    assert (score.value, score.se) == pytest.approx(expected, abs=1e-12)
    assert score.n_answered == score.n_applicable == len(asked)


@pytest.mark.parametrize(
    "replies, is_enough",
    [
        (["not_wanted", "not_wanted", 3, 3], True),
        (["not_wanted", "not_wanted", 3, "cannot_remember"], False),
        ([3, 3, "cannot_remember"], False),
        ([3, 3, 3], True),
    ],
)
def test_who_stops_early_is_held_to_half_of_the_least_number_that_applies(
    session, adaptive_campaign, replies, is_enough
):
    one = factories.make_assessment(session, adaptive_campaign)
    sitting = AdaptiveSitting(calibration=FORM.adaptive.calibration, seed=1)
    one.sitting = sitting
    for step, (item, reply) in enumerate(zip(FORM.items, replies), start=1):
        known = {"item_id": item.id, "item_version": item.version}
        sitting.exposures.append(Exposure(step=step, theta=0.0, se=1.0, **known))
        given = {"value" if isinstance(reply, int) else "reason": reply}
        given |= {"version": 1, "source": "web", "answered_at": utc_now()}
        one.answers.append(Answer(**known | given))
    assert FORM.adaptive.min_items == 6
    (score,) = scoring.score_assessment(one, now=utc_now())
    assert (score.value is not None) is is_enough
    assert score.reason == (None if is_enough else "too_few_answers")


def test_without_a_care_plan_what_was_given_of_it_is_lowest(chooser, session):
    chooser.begin(care_plan="no")
    asked = chooser.answer_on("prefer_not_to_say")
    assert not [i for i in asked if i.startswith("living_document")]
    chooser.submit()
    score = session.scalars(select(Score)).one()
    sitting = stored(session).sitting
    plan_items = [i for i in sitting.given if i.startswith("living_document")]
    assert plan_items and score.n_answered == len(plan_items)
    assert len(sitting.given) == 12 and sitting.stop_reason == "longest"


def test_a_step_sends_no_statement_and_enters_few_functions(chooser, session):
    chooser.begin()
    chooser.answer_on()
    assessment = stored(session)
    scoring.next_step(assessment)
    with statements() as sent:
        assert calls(lambda: scoring.next_step(assessment)) < 10_000
    assert sent == []


def test_an_export_says_what_was_not_asked_and_how_it_went(
    app, chooser, session, adaptive_campaign, tmp_path
):
    chooser.begin()
    asked = chooser.answer_on(lambda n: n % 5)
    chooser.submit()
    with app.app_context():
        made = tables(session, adaptive_campaign, "service_user")
    row = rows(made.responses)[0]
    not_asked = {i for i, v in row.items() if v == str(NOT_ASKED)}
    assert not_asked == {i.id for i in FORM.items} - set(asked)
    assert (row["item_order"], row["booklet"]) == ("adaptive", "")
    steps = rows(made.files["steps.csv"])
    assert [step["item"] for step in steps] == asked
    theta = rows(made.files["theta.csv"])[0]
    assert (theta["person"], int(theta["n_given"])) == (row["person"], len(asked))
    given = {r["item"]: r["n_given"] for r in rows(made.files["exposure.csv"])}
    assert {i for i, n in given.items() if n == "1"} == set(asked)
    (tmp_path / "codebook.csv").write_text(made.codebook)
    about = {r["column"]: r["label"] for r in rows(made.codebook)}
    columns = {*steps[0], *theta, *rows(made.files["exposure.csv"])[0]}
    assert columns <= set(about)
    reasons = read_codebook(tmp_path / "codebook.csv").reasons[asked[0]]
    assert reasons[NOT_ASKED][1] == "structural"


def test_fixed_answers_of_the_campaign_are_in_the_same_export(
    app, session, adaptive_campaign, chooser
):
    chooser.begin()
    chooser.answer_on()
    chooser.submit()
    paper = factories.make_assessment(
        session, adaptive_campaign, mode="paper", submitted_at=utc_now()
    )
    paper.instrument_id, paper.instrument_version = SHORT.id, SHORT.version
    answer(paper, 3)
    session.commit()
    with app.app_context():
        made = tables(session, adaptive_campaign, "service_user")
    row = next(r for r in rows(made.responses) if r["mode"] == "paper")
    assert made.n == 2
    assert {i for i, v in row.items() if v == "3"} == {i.id for i in SHORT.items}


def answer(assessment, value):
    for item in SHORT.items:
        known = {"item_id": item.id, "item_version": item.version, "version": 1}
        known |= {"answered_at": utc_now(), "source": assessment.mode}
        assessment.answers.append(Answer(value=value, **known))


def test_paper_has_sums_and_a_theta_and_stays_out_of_tracking(
    session, adaptive_campaign
):
    for _ in range(12):
        paper = factories.make_assessment(
            session, adaptive_campaign, mode="paper", submitted_at=factories.LONG_AGO
        )
        paper.instrument_id, paper.instrument_version = SHORT.id, SHORT.version
        answer(paper, 3)
        session.add_all(scoring.score_assessment(paper, now=utc_now()))
    session.commit()
    scales = {s.scale for s in session.scalars(select(Score))}
    assert scales == {*SHORT.scales, "involvement_theta"}
    night = {"now": utc_now(), "draws": Draws("a key")}
    assert due_groups(session, adaptive_campaign.trust_id, **night) == []


def test_exposure_is_counted_for_a_coordinator_once_enough_have_sent(
    client, session, adaptive_campaign
):
    sign_in(client, session, "coordinator", adaptive_campaign.trust)
    page = f"/campaigns/{adaptive_campaign.id}"
    address = f"{page}/exposure/service_user.csv"
    for n in range(1, 11):
        one = factories.make_assessment(
            session, adaptive_campaign, submitted_at=utc_now()
        )
        adaptive.start(one)
        session.commit()
        response = client.get(address)
        assert response.status_code == (200 if n == 10 else 404)
    counted = rows(response.text.removeprefix("\ufeff"))
    assert sum(int(row["n_first"]) for row in counted) == 10
    assert sum(int(row["n_given"]) > 0 for row in counted) <= 3
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[-1]
    assert event.action == "exposure.exported"
    assert "How often each question was given" in client.get(page).text


def test_exposure_of_a_fixed_form_is_not_found(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    given = {"perspective": "service_user"}
    response = client.post(f"/campaigns/{campaign.id}/exposure", data=given)
    assert response.status_code == 404
