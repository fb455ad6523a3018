"""The pages of runs: state, report, files, comparison, and who may see them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.models import AuditEvent, Job, RunFile, ValidationRun
from surveyapp.research.runs import presenter

from .... import factories
from ...signing_in import sign_in

pytestmark = pytest.mark.any_database

STYLED = "<html><head><style>h1 { color: red }</style></head><h1>Report</h1></html>"


def report(alpha, outcome="sufficient"):
    """A report.json as small as one can be."""
    verdict = {"criterion": "trust: alpha at least .70", "outcome": outcome}
    rows = [{"scale": "trust", "items": 5, "alpha": alpha}]
    section = {"key": "consistency", "verdicts": [verdict], "tables": {"R": rows}}
    return json.dumps({"sections": [section]})


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


@pytest.fixture
def run(session, campaign, kept_run):
    return kept_run(campaign, {"report.html": STYLED, "report.json": report(0.8)})


@pytest.fixture
def researcher(client, session, campaign):
    return sign_in(client, session, "researcher", campaign.trust)


def test_a_report_is_shown_as_if_it_came_from_a_stranger(client, run, researcher):
    response = client.get(f"/research/runs/{run.id}/report")
    policy = directives_of(response)
    assert response.text == STYLED
    assert policy["sandbox"] == ""
    assert policy["default-src"] == "'none'"
    assert policy["style-src"].startswith("'sha256-")
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"


def directives_of(response):
    parts = response.headers["Content-Security-Policy"].split(";")
    return {part.split()[0]: " ".join(part.split()[1:]) for part in parts}


def test_a_download_is_an_attachment_and_in_the_audit(client, session, run, researcher):
    response = client.get(f"/research/runs/{run.id}/files/report.json")
    disposition = response.headers["Content-Disposition"]
    assert disposition == f'attachment; filename="run-{run.id}-report.json"'
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.action == "validation.read"
    assert event.detail == {"file": "report.json"}
    assert event.actor == f"staff:{researcher.id}"


@pytest.mark.parametrize("name", ["report.pdf", "..%2Fsecrets.json", "other.txt"])
def test_a_file_that_is_not_of_the_run_is_not_found(client, run, researcher, name):
    assert client.get(f"/research/runs/{run.id}/files/{name}").status_code == 404


def test_files_lie_in_a_folder_where_the_setting_says_so(
    app, session, campaign, kept_run, config, tmp_path, monkeypatch
):
    from dataclasses import replace

    from surveyapp.errors import FileDamaged
    from surveyapp.research.runs import report_files

    made = tmp_path / "report"
    (made / "tables").mkdir(parents=True)
    for name in report_files.MEDIA:
        (made / name).write_text(name)
    (made / "tables" / "items.csv").write_text("item")
    run = kept_run(campaign)
    settings = replace(config, report_folder=str(tmp_path / "kept"))
    with app.app_context():
        monkeypatch.setitem(app.config, "PROM", settings)
        report_files.keep(run, made)
        session.commit()
        assert {f.content for f in session.scalars(select(RunFile))} == {None}
        assert report_files.content(run, "report.pdf") == b"report.pdf"
        (path,) = tmp_path.glob("kept/run-*/attempt-*/report.pdf")
        path.write_text("changed")
        with pytest.raises(FileDamaged, match="changed"):
            report_files.content(run, "report.pdf")
        path.unlink()
        with pytest.raises(FileDamaged, match="missing"):
            report_files.content(run, "report.pdf")
        report_files.remove(run)
    assert [*(tmp_path / "kept").iterdir()] == []


@pytest.mark.parametrize("status", ["waiting", "running"])
def test_a_run_that_is_not_over_can_be_cancelled_but_not_deleted(
    client, session, campaign, kept_run, researcher, status
):
    run = kept_run(campaign, status=status)
    address = f"/research/runs/{run.id}"
    assert client.post(f"{address}/delete").status_code == 409
    assert "Cancel the run" in client.get(address).text
    client.post(f"{address}/cancel")
    session.refresh(run.job)
    assert run.job.status == "cancelled"
    assert "Nothing of it is kept" in client.get(address).text


def test_a_deleted_run_is_gone_but_for_the_audit(client, session, run, researcher):
    address = f"/research/runs/{run.id}/delete"
    assert "will be gone" in client.get(address).text
    assert client.post(address).status_code == 303
    for kind in (ValidationRun, RunFile, Job):
        assert session.scalars(select(kind)).all() == []
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.detail["fingerprint"]) == (
        "validation.deleted",
        "0" * 64,
    )


def test_choices_that_cannot_be_are_said_beside_the_form(
    client, session, campaign, researcher
):
    factories.make_assessment(session, campaign, submitted_at=utc_now())
    address = f"/research/campaigns/{campaign.id}/runs/service_user"
    response = client.post(address, data={"seed": "-1", "groups": "names"})
    assert response.status_code == 422
    for said in ("at least one prerequisite", "one of the options", "whole number"):
        assert said in response.text
    assert session.scalars(select(ValidationRun)).all() == []


def test_two_runs_are_compared_figure_by_figure(
    client, session, campaign, run, kept_run, researcher
):
    other = {"report.json": report(0.65, "insufficient")}
    second = kept_run(campaign, other, fingerprint="1" * 64, n_assessments=90)
    page = client.get(f"/research/runs/compare?first={run.id}&second={second.id}").text
    for said in ("0.800", "0.650", "-0.150", "different answers: 120 and 90 forms"):
        assert said in page
    assert "1 criterion has another outcome" in page and "insufficient" in page
    assert "The same was chosen for both" in page
    words = " ".join(page.split())
    assert "90 forms. Of the figures" in words and "-0.150. 1 criterion" in words


def test_runs_that_few_people_set_apart_are_not_compared(
    client, session, campaign, run, kept_run, researcher
):
    """The difference of two figures would tell of those few."""
    other = {"report.json": report(0.65, "insufficient")}
    apart = {"fingerprint": "1" * 64}
    one_less = kept_run(campaign, other, n_assessments=119, **apart)
    as_many = kept_run(
        campaign,
        other,
        n_assessments=120,
        asked_at=utc_now() + timedelta(days=1),
        **apart,
    )

    def compared(second):
        query = {"first": run.id, "second": second.id}
        return client.get("/research/runs/compare", query_string=query).text

    page = compared(one_less)
    assert "are not compared" in page and "0.650" not in page
    assert "0.650" in compared(as_many)  # nobody came or left between the two
    between = utc_now() + timedelta(hours=1)
    for n in range(10):
        assert ("0.650" in compared(as_many)) is (n == 0)
        factories.make_assessment(session, campaign, submitted_at=between)
        session.commit()
    assert "0.650" in compared(as_many)
    elsewhere = kept_run(
        factories.make_campaign(session, campaign.teams[0]), other, **apart
    )
    assert "0.650" in compared(elsewhere)


def test_a_comparison_needs_two_runs_within_reach(
    client, session, campaign, run, kept_run, researcher
):
    elsewhere = kept_run(factories.make_campaign(session), {"report.json": report(1)})
    for query in (
        "",
        f"?first={run.id}",
        f"?first={run.id}&second={elsewhere.id}",
        f"?first={run.id}&second=99999",
    ):
        assert client.get(f"/research/runs/compare{query}").status_code == 404


def test_the_list_shows_the_runs_within_reach_alone(
    client, session, campaign, run, kept_run, researcher
):
    hidden = factories.make_campaign(session, title="Somebody else's campaign")
    kept_run(hidden)
    page = client.get("/research/runs/").text
    assert campaign.title in page and "Somebody else" not in page


def test_a_run_that_nobody_takes_up_says_whom_to_ask():
    from datetime import timedelta

    now = utc_now()
    job = Job(status="waiting", progress=0.0, steps=[], run_after=now)
    assert not presenter.state(job, now=now, is_any_running=False).is_unattended
    later = now + timedelta(minutes=1)
    assert presenter.state(job, now=later, is_any_running=False).is_unattended
    assert not presenter.state(job, now=later).is_unattended
