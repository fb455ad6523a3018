"""Plans and population tables on the form of a run: checked, held, kept, deleted."""

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp import bank
from surveyapp.database import utc_now
from surveyapp.errors import FileDamaged
from surveyapp.extensions import db
from surveyapp.models import (
    AuditEvent,
    Campaign,
    RunAttachment,
    StaffUser,
    ValidationRun,
)
from surveyapp.research.files.plans import parse_plan
from surveyapp.research.runs import attachments, comparison

from .... import factories
from ...signing_in import sign_in

pytestmark = pytest.mark.any_database

PLAN = "plan: 1\nseed: 7\ngroups: mode\n"
PEOPLE = "variable,group,count\nmode,web,60\nmode,paper,40\n"


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


@pytest.fixture
def researcher(client, session, campaign):
    return sign_in(client, session, "researcher", campaign.trust)


@pytest.fixture
def answered(session, campaign):
    """Somebody has answered, so that a run may be asked for."""
    factories.make_assessment(session, campaign, submitted_at=utc_now())
    session.commit()


@pytest.fixture
def send(client, campaign, researcher):
    """Sends the form of a new run, or another address below it."""
    here = f"/research/campaigns/{campaign.id}/runs/service_user"

    def send(below="", plan=None, population=None, names=(), **typed):
        typed = {"scales": ["trust", "parity"], **typed}
        sent = {"plan": (plan, "plan.yaml"), "population": (population, "people.csv")}
        for kind, (text, name) in sent.items():
            if text is not None:
                raw = text if isinstance(text, bytes) else text.encode()
                typed[kind] = (io.BytesIO(raw), dict(names).get(kind, name))
        return client.post(here + below, data=typed)

    return send


def held(session):
    session.expire_all()
    query = select(RunAttachment).where(RunAttachment.run_id.is_(None))
    return {found.kind: found for found in session.scalars(query)}


def events(session, *actions):
    query = select(AuditEvent).where(AuditEvent.action.in_(actions))
    return [e.detail for e in session.scalars(query.order_by(AuditEvent.id))]


def only_run(session):
    session.expire_all()
    return session.scalars(select(ValidationRun)).one()


def digest(text):
    return sha256(text.encode()).hexdigest()


def test_a_plan_is_held_before_anybody_has_answered(client, session, send):
    response = send("/attach", plan=PLAN)
    page = client.get(response.location).text
    assert response.status_code == 303
    assert digest(PLAN) in page and "when no forms had been sent" in page
    assert "plan.yaml" in page and "Start the run" not in page
    assert held(session)["plan"].content == PLAN.encode()
    (event,) = events(session, "validation.plan_attached")
    assert (event["fingerprint"], event["n_sent"]) == (digest(PLAN), 0)


def test_a_plan_in_its_place_replaces_it_and_both_are_in_the_audit(session, send):
    for text in (PLAN, PLAN + "# mended\n"):
        send("/attach", plan=text)
    assert held(session)["plan"].content.endswith(b"# mended\n")
    assert len(events(session, "validation.plan_attached")) == 2
    send("/remove/plan")
    assert held(session) == {}
    assert len(events(session, "validation.plan_removed")) == 1


@pytest.mark.parametrize(
    "plan, lines",
    [
        ("plan: 2\nseed: much\n", ["line 1, column 1: plan", "line 2, column 1: seed"]),
        ("plan: 1\nscales: {trust: [none_such]}", ["line 2, column 10: scales.trust"]),
        ("plan: 1\nreverse: other", ["line 2, column 1: reverse: no question other"]),
        ("plan: 1\ncategories: [1, 2]", ["line 2, column 1: categories: the answers"]),
        ("plan: 1\ngroups: person", ["line 2, column 1: groups: stands for one"]),
        (b"\xff\xfe", ["not UTF-8"]),
        ("", ["None is not of the kind object"]),
        ("#" * 100_001, ["larger than 100 kB"]),
    ],
)
def test_each_fault_of_a_plan_is_said_and_nothing_typed_is_lost(
    session, answered, send, plan, lines
):
    typed = {"scales": ["parity"], "structure": "one", "groups": "team", "seed": "12"}
    response = send(plan=plan, population=PEOPLE, **typed)
    assert response.status_code == 422
    for said in (*lines, 'value="one" checked', 'value="team" checked', 'value="12"'):
        assert said in response.text
    assert 'value="trust" checked' not in response.text
    assert [*held(session)] == ["population"] and "people.csv" in response.text
    assert session.scalars(select(ValidationRun)).all() == []


def test_a_wrong_choice_keeps_the_files_that_came_with_it(session, answered, send):
    response = send(plan=PLAN, seed="-1")
    assert response.status_code == 422 and "whole number" in response.text
    assert digest(PLAN) in response.text
    send(seed="1")
    assert only_run(session).plan.sha256 == digest(PLAN)


@pytest.mark.parametrize(
    "table, said",
    [
        ("variable,group\nmode,web\n", "no column count"),
        ("variable,group,count\nmode,web,many\n", "column count, row 2: &#39;many"),
        ("variable,group,count\nmode,web\n", "row 2: 2 cells under 3 column names"),
    ],
)
def test_each_fault_of_a_population_table_has_its_row_and_column(
    session, send, table, said
):
    response = send("/attach", population=table)
    assert response.status_code == 422 and said in response.text
    assert held(session) == {}


def test_to_attach_needs_a_file(send):
    response = send("/attach")
    assert response.status_code == 422 and "Choose a file to attach" in response.text


def test_what_was_typed_comes_back_after_attaching(client, answered, send):
    typed = {"scales": ["parity"], "structure": "one", "seed": "12"}
    page = client.get(send("/attach", plan=PLAN, **typed).location).text
    for said in ('value="one" checked', 'value="12"', 'value="parity" checked'):
        assert said in page
    assert 'value="trust" checked' not in page


def test_a_file_may_be_called_anything(client, session, send):
    names = {"plan": "C:/Plans/<b>my\x07 plan.yaml"}
    page = client.get(send("/attach", plan=PLAN, names=names).location).text
    assert held(session)["plan"].name == "<b>my plan.yaml"
    assert "&lt;b&gt;my plan.yaml" in page and "<b>my" not in page


@pytest.mark.parametrize(
    "counts, planned, with_plan",
    [
        ("plan", ["groups", "seed"], True),
        ("form", [], True),
        ("none", [], False),
    ],
)
def test_the_plan_counts_unless_the_form_does(
    session, answered, send, counts, planned, with_plan
):
    send(plan=PLAN, counts=counts, groups="team")
    run = only_run(session)
    assert (run.choices["planned"], run.plan is not None) == (planned, with_plan)
    assert run.choices["groups"] == "team"


def test_a_run_keeps_its_own_copy_for_as_long_as_there_is_the_run(
    client, session, answered, send
):
    send(plan=PLAN, population=PEOPLE)
    run = only_run(session)
    page = client.get(f"/research/runs/{run.id}").text
    for said in (
        digest(PLAN),
        "when 1 form had been sent",
        "people.csv",
        "As the plan",
    ):
        assert said in page
    response = client.get(f"/research/runs/{run.id}/attached/plan")
    assert response.data == PLAN.encode()
    assert f"run-{run.id}-plan.yaml" in response.headers["Content-Disposition"]
    assert events(session, "validation.read") == [{"file": "plan"}]
    assert "copy of the plan" in client.get(f"/research/runs/{run.id}/delete").text
    client.post(f"/research/runs/{run.id}/delete")
    (event,) = events(session, "validation.deleted")
    assert event["plan"] == digest(PLAN) and event["population"] == digest(PEOPLE)
    left = session.scalars(select(RunAttachment)).all()
    assert {found.run_id for found in left} == {None}


def test_a_run_started_again_has_the_same_plan_of_the_same_day(
    client, session, campaign, researcher, kept_run
):
    held = factories.make_attachment(session, campaign, attached_at=factories.LONG_AGO)
    run = kept_run(campaign, attachments=[held])
    client.post(f"/research/runs/{run.id}/again")
    session.expire_all()
    one, other = session.scalars(select(RunAttachment).order_by(RunAttachment.id))
    assert one.run_id != other.run_id
    assert (other.sha256, other.attached_at) == (one.sha256, factories.LONG_AGO)


def test_other_choices_start_from_those_of_the_run(
    client, session, campaign, answered, researcher, kept_run
):
    chosen = {"scales": ["trust"], "seed": 12}
    run = kept_run(campaign, choices=chosen, status="failed")
    page = client.get(f"/research/runs/{run.id}").text
    (link,) = re.findall(r'href="([^"]+)">Start again with other', page)
    form = client.get(unescape(link)).text
    assert 'value="trust" checked' in form and 'value="12"' in form
    assert 'value="parity" checked' not in form


def test_a_kept_plan_that_was_changed_is_not_handed_out(session, campaign):
    found = factories.make_attachment(session, campaign)
    found.content = b"plan: 1\nseed: 2\n"
    with pytest.raises(FileDamaged, match="was changed"):
        attachments.content(found)


def test_a_held_plan_that_fits_no_more_starts_no_run(
    client, session, campaign, answered, researcher, send
):
    text = "plan: 1\nscales: {old: [a_question_of_the_last_form]}\n"
    factories.make_attachment(session, campaign, text)
    session.commit()
    page = client.get(f"/research/campaigns/{campaign.id}/runs/service_user").text
    assert "cannot be followed now: plan.yaml: line 2, column 10" in page
    assert send().status_code == 422
    send(counts="none")
    assert only_run(session).plan is None


def test_the_page_of_a_comparison_says_whose_plan_it_was(
    client, session, campaign, researcher, kept_run
):
    report = {"report.json": '{"sections": []}'}
    held = factories.make_attachment(session, campaign)
    first, second = (
        kept_run(campaign, report, attachments=[held]),
        kept_run(campaign, report),
    )
    query = f"first={first.id}&second={second.id}"
    page = client.get(f"/research/runs/compare?{query}").text
    assert f"Only run {first.id} has a plan." in page and held.sha256 in page


def test_a_comparison_says_whether_the_plans_differ(session, campaign, kept_run):
    def run(*plans):
        return kept_run(
            campaign,
            attachments=[
                factories.make_attachment(session, campaign, p) for p in plans
            ],
        )

    def said(one, other):
        found = comparison.compare(one, other, 2 * [{"sections": []}])
        return found.plans, [name for name, *_ in found.choices]

    without, one, same, other = run(), run(PLAN), run(PLAN), run(PLAN + "#\n")
    assert said(without, without) == ("", [])
    assert said(without, one) == (f"Only run {one.id} has a plan.", ["Plan"])
    assert said(one, same) == ("Both have the same plan.", [])
    assert said(one, other) == ("They have different plans.", ["Plan"])


def test_the_form_says_what_the_answers_lack(client, answered, send):
    text = """\
plan: 1
hypotheses:
  - {name: satisfied, scale: trust, with: satisfaction}
  - {name: other, scale: nowhere, with: days_since_first}
occasions: {person: person, column: wave, baseline: 1, retest: 2}
stable: {column: changed, values: ["no"]}
population: people.csv
"""
    page = client.get(send("/attach", plan=text).location).text
    for said in (
        "hypothesis satisfied: no column satisfaction in the answers",
        "hypothesis other: no scale nowhere",
        "retest: nobody has sent answers of wave 2 yet",
        "stability question: no column changed in the answers",
        "population table: people.csv is not attached",
        "Nobody has answered a second time yet",
    ):
        assert said in page


def test_a_plan_to_fill_in_can_be_attached_as_it_is(client, session, campaign, send):
    factories.make_wave(session, campaign, number=2, kind="retest")
    session.commit()
    here = f"/research/campaigns/{campaign.id}/runs/service_user"
    response = client.get(f"{here}/plan-to-fill-in.yaml")
    plan = parse_plan(response.data, "plan.yaml")
    scales = bank.instrument(campaign.instrument_ref("service_user")).scales
    assert plan.scales == {name: list(items) for name, items in scales.items()}
    assert (plan.occasions.retest, plan.occasions.follow_up) == ("2", None)
    assert "#   care_plan " in response.text
    assert send("/attach", plan=response.text).status_code == 303
    assert client.get(f"{here}/held/plan").data == response.data


@pytest.mark.parametrize("address", ["held/plan", "held/other", "runs/none"])
def test_what_is_not_attached_is_not_found(client, campaign, researcher, address):
    here = f"/research/campaigns/{campaign.id}/runs/service_user"
    assert client.get(f"{here}/{address}").status_code == 404


@pytest.mark.both_databases
def test_two_who_attach_at_once_leave_one_plan(app, session, campaign, researcher):
    number, who = campaign.id, researcher.id
    session.commit()
    ready = threading.Barrier(2)

    def attach(text):
        with app.app_context(), Session(db.engine) as own:
            ready.wait()
            here = own.get(Campaign, number), "service_user", "plan", "plan.yaml"
            user = own.get(StaffUser, who)
            attachments.hold(own, *here, text.encode(), user=user, now=utc_now())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attach, [PLAN, PLAN + "# another\n"]))
    session.rollback()
    assert len(session.scalars(select(RunAttachment)).all()) == 1
    assert len(events(session, "validation.plan_attached")) == 2


def test_another_perspective_holds_its_own(session, campaign):
    factories.make_attachment(session, campaign)
    assert [*attachments.held(session, campaign, "service_user")] == ["plan"]
    assert attachments.held(session, campaign, "carer") == {}
