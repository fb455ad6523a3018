"""A run from the form to the kept report."""

import hashlib
import json

import pandas as pd
import pytest
from sqlalchemy import select

from surveyapp import audit
from surveyapp.models import Assessment, AuditEvent, Team, ValidationRun
from surveyapp.research.exports.export import tables
from surveyapp.research.files.answer_table import read_answers
from surveyapp.research.files.codebook import find_codebook
from surveyapp.research.files.validation import validate_table
from surveyapp.research.runs import task

from ....factories import make_invitation

pytestmark = pytest.mark.any_database

CHOICES = {"scales": ["coordination", "trust"], "structure": "prerequisites"}


def start(client, campaign, **changes):
    address = f"/research/campaigns/{campaign.id}/runs/service_user"
    return client.post(address, data=CHOICES | changes)


def only_run(session):
    return session.scalars(select(ValidationRun)).one()


def first_times(session):
    """What people sent the first time they were asked."""
    return session.query(Assessment).filter_by(wave=1).order_by(Assessment.id).all()


def without_cover(report):
    return json.loads(report)["sections"]


@pytest.mark.one_database
def test_a_run_keeps_what_prom_validate_makes_of_the_same_export(
    app, client, session, campaign, researcher, tmp_path
):
    page = client.get(start(client, campaign).location).text
    run = only_run(session)
    assert (run.job.status, run.job.problem) == ("done", None)
    with app.app_context():
        exported = tables(session, campaign, "service_user")
    digest = hashlib.sha256(exported.responses.encode()).hexdigest()
    assert run.fingerprint == digest and digest in page
    assert run.n_assessments == run.n_synthetic == exported.n >= 120
    assert "Made-up answers" in page

    for name, text in exported.files.items():
        (tmp_path / name).write_text(text)
    book = find_codebook(tmp_path / "responses.csv")
    scales = {name: book.scales[name] for name in CHOICES["scales"]}
    items = [item for members in scales.values() for item in members]
    table = read_answers(tmp_path / "responses.csv", items, codebook=book)
    options = {"categories": book.categories, "seed": 1}
    made = validate_table(table, tmp_path / "report", scales, **options)
    kept = client.get(f"/research/runs/{run.id}/files/report.json").text
    assert without_cover(kept) == without_cover((made / "report.json").read_text())

    with app.app_context():
        actions = [event.action for event in session.scalars(select(AuditEvent))]
        assert audit.verify(session) == len(actions)
    assert actions[-3:] == ["validation.asked", "validation.kept", "validation.read"]


def test_nothing_of_the_answers_is_left_beside_the_report(
    app, client, campaign, researcher, config, monkeypatch
):
    def stop(*_, **__):
        raise KeyError("in the middle")

    monkeypatch.setattr(task, "validate_table", stop)
    start(client, campaign)
    assert [*(config.instance / "working").iterdir()] == []


def test_the_same_may_be_asked_for_again(
    client, session, campaign, researcher, kept_run, monkeypatch
):
    asked = []
    monkeypatch.setattr(
        task, "validate_table", lambda *args, **options: asked.append((args, options))
    )
    run = kept_run(campaign)
    assert client.post(f"/research/runs/{run.id}/again").status_code == 303
    (_, _, scales), options = asked[0]
    assert [*scales] == ["trust", "parity"] and options["seed"] == 1


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"groups": "language"}, "no two groups of 10 people"),
        ({"scales": ["trust"], "waves": "first"}, None),
    ],
)
def test_a_run_that_cannot_be_made_says_what_to_do(
    client, session, campaign, researcher, monkeypatch, changes, said
):
    def refuse(*_, **__):
        raise task.InvalidTable(
            "nobody answered it",
            command="leave it out of --scales",
            page="leave it out of the scales",
        )

    monkeypatch.setattr(task, "validate_table", refuse)
    page = client.get(start(client, campaign, **changes).location).text
    run = only_run(session)
    assert run.job.status == "failed" and run.files == []
    assert (said or "leave it out of the scales") in page and "Start again" in page


def test_groups_too_small_to_be_shown_are_left_out_of_the_comparison(
    client, session, campaign, researcher, monkeypatch
):
    few, one, other, *_ = session.scalars(select(Team).order_by(Team.id))
    sizes = {}
    for n, assessment in enumerate(first_times(session)):
        assessment.team = few if n < 4 else (one, other)[n % 2]
    session.commit()

    def look(table, out, scales, **options):
        teams = pd.to_numeric(table.others["team"])
        sizes.update(teams.value_counts(dropna=False).to_dict())
        raise task.InvalidTable("seen enough")

    monkeypatch.setattr(task, "validate_table", look)
    start(client, campaign, groups="team", waves="first")
    assert few.id not in sizes and sum(sizes.values()) == 120
    assert sorted(sizes.values()) == [4, 58, 58]


def test_fewer_people_than_may_be_shown_make_no_report(
    app, client, session, campaign, researcher
):
    kept = first_times(session)[:9]
    for assessment in session.query(Assessment):
        if assessment not in kept:
            assessment.submitted_at = None
    page = client.get(start(client, campaign).location).text
    assert "answers of 9 people; a report needs 10" in page


def came_by_poster(session, campaign, assessments):
    poster = make_invitation(session, campaign, is_open=True)
    for assessment in assessments:
        assessment.invitation = poster
        assessment.submitted_at = assessments[0].submitted_at
    session.commit()


def test_people_made_up_through_a_poster_make_no_report(
    client, session, campaign, researcher
):
    kept = first_times(session)[:30]
    for assessment in session.query(Assessment):
        if assessment not in kept:
            assessment.submitted_at = None
    came_by_poster(session, campaign, kept[:21])
    page = client.get(start(client, campaign).location).text
    assert "answers of 30 people; a report needs 10" in page
    assert "by an open link count only where there are 20" in page


def test_people_made_up_through_a_poster_make_no_group_large(
    client, session, campaign, researcher, monkeypatch
):
    few, one, other, *_ = session.scalars(select(Team).order_by(Team.id))
    people, sizes = first_times(session), {}
    for n, assessment in enumerate(people):
        assessment.team = few if n < 15 else (one, other)[n % 2]
    came_by_poster(session, campaign, people[:9])

    def look(table, out, scales, **options):
        teams = pd.to_numeric(table.others["team"])
        sizes.update(teams.value_counts(dropna=False).to_dict())
        raise task.InvalidTable("seen enough")

    monkeypatch.setattr(task, "validate_table", look)
    start(client, campaign, groups="team", waves="first")
    assert few.id not in sizes and sum(sizes.values()) == 120
