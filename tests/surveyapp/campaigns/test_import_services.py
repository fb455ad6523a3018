"""Earlier answers come in whole, count at once, score alike, and go again."""

import io

import pytest
from sqlalchemy import func, select

from surveyapp.assessments.item_order import allot
from surveyapp.assessments.questions import plan_of
from surveyapp.assessments.submission import submit
from surveyapp.calendar import quarter_of
from surveyapp.campaigns import import_services
from surveyapp.campaigns.import_table import InvalidImport
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers, NotAllowed
from surveyapp.models import (
    Answer,
    AnswerImport,
    Assessment,
    AuditEvent,
    Release,
    Respondent,
    Score,
)
from surveyapp.research.export import export
from surveyapp.tracking.releases import released

from ... import factories
from ..signing_in import sign_in
from .earlier import ITEMS, csv_of, row

WHO = "staff:1"


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


@pytest.fixture(autouse=True)
def in_app(app, session):
    session.flush()
    with app.app_context():
        yield


def bring(session, campaign, raw, *, good_rows_only=False, **options):
    """From the file to the end; the import."""
    now = utc_now()
    made, _ = import_services.check(
        session, campaign, raw, actor=WHO, now=now, **options
    )
    import_services.confirm(
        session,
        made.id,
        actor=WHO,
        now=now,
        agreed=True,
        good_rows_only=good_rows_only,
    )
    assert import_services.carry_on(session, made.id, actor=WHO)
    return made


def count(session, kind, *where):
    return session.scalar(select(func.count()).select_from(kind).where(*where))


def test_rows_become_assessments_with_their_own_mode_and_day(session, campaign):
    bring(session, campaign, csv_of(row(0), row(1, mode="telephone")))
    made = session.scalars(select(Assessment).order_by(Assessment.id)).all()
    assert [a.mode for a in made] == ["paper", "telephone"]
    assert {a.submitted_at.date().isoformat() for a in made} == {"2025-03-27"}
    assert count(session, Answer) == 2 * len(ITEMS)
    assert {a.answers[0].source for a in made} == {"import"}


def test_nothing_is_written_before_it_is_confirmed(session, campaign):
    now = utc_now()
    import_services.check(session, campaign, csv_of(row(0)), actor=WHO, now=now)
    assert count(session, Assessment) == 0


def test_nothing_is_written_unless_all_is_well_or_the_rest_is_left_out(
    session, campaign
):
    raw, now = csv_of(row(0), row(1, mode="pigeon")), utc_now()
    made, table = import_services.check(session, campaign, raw, actor=WHO, now=now)
    say = {"actor": WHO, "now": now, "agreed": True}
    with pytest.raises(InvalidAnswers):
        import_services.confirm(session, made.id, **say)
    session.rollback()
    assert count(session, Assessment) == 0 and len(table.problems) == 1
    import_services.confirm(session, made.id, good_rows_only=True, **say)
    import_services.carry_on(session, made.id, actor=WHO)
    assert count(session, Assessment) == 1


def test_nobody_is_brought_in_without_the_word_that_they_agreed(session, campaign):
    now = utc_now()
    made, _ = import_services.check(
        session, campaign, csv_of(row(0)), actor=WHO, now=now
    )
    with pytest.raises(InvalidAnswers, match="agreed to taking part"):
        import_services.confirm(session, made.id, actor=WHO, now=now, agreed=False)


def test_half_written_rows_count_nowhere_until_all_are_there(
    session, campaign, monkeypatch
):
    monkeypatch.setattr(import_services, "BATCH", 2)
    raw, now = csv_of(*map(row, range(5))), utc_now()
    made, _ = import_services.check(session, campaign, raw, actor=WHO, now=now)
    import_services.confirm(session, made.id, actor=WHO, now=now, agreed=True)
    assert not import_services.carry_on(session, made.id, actor=WHO, seconds=-1)
    assert count(session, Assessment) == 2
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 0
    while not import_services.carry_on(session, made.id, actor=WHO, seconds=-1):
        pass
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 5
    assert session.get(AnswerImport, made.id).content is None


def test_giving_up_half_way_leaves_no_trace(session, campaign, monkeypatch):
    monkeypatch.setattr(import_services, "BATCH", 2)
    raw, now = csv_of(*map(row, range(5))), utc_now()
    made, _ = import_services.check(session, campaign, raw, actor=WHO, now=now)
    import_services.confirm(session, made.id, actor=WHO, now=now, agreed=True)
    import_services.carry_on(session, made.id, actor=WHO, seconds=-1)
    import_services.cancel(session, made.id, actor=WHO)
    assert not import_services.carry_on(session, made.id, actor=WHO)
    for kind in (Assessment, Answer, Score, Respondent):
        assert count(session, kind) == 0
    bring(session, campaign, raw)


def test_the_same_file_is_not_brought_in_twice(session, campaign):
    bring(session, campaign, csv_of(row(0)))
    with pytest.raises(InvalidImport, match="brought in before"):
        bring(session, campaign, csv_of(row(0)))


def test_the_same_person_and_wave_is_brought_in_once(session, campaign):
    bring(session, campaign, csv_of(row(0)))
    bring(session, campaign, csv_of(row(0), row(1), row(0, wave="2")))
    assert count(session, Assessment) == 3
    assert count(session, Respondent) == 2


def test_undoing_deletes_what_was_brought_in_and_frees_the_file(session, campaign):
    made = bring(session, campaign, csv_of(row(0, gender="woman"), row(1)))
    import_services.undo(session, made.id, actor=WHO, now=utc_now())
    assert count(session, Answer) == count(session, Score) == 0
    assert count(session, Assessment, Assessment.withdrawn_at.is_not(None)) == 2
    bring(session, campaign, csv_of(row(0, gender="woman"), row(1)))
    actions = [e.action for e in session.scalars(select(AuditEvent))]
    assert actions.count("import.undone") == 1
    assert actions.count("import.finished") == 2


def test_an_import_on_which_later_answers_depend_is_not_undone(session, campaign):
    first = bring(session, campaign, csv_of(row(0)))
    second = bring(session, campaign, csv_of(row(0, wave="2")))
    with pytest.raises(NotAllowed, match="1 later"):
        import_services.undo(session, first.id, actor=WHO, now=utc_now())
    session.rollback()
    import_services.undo(session, second.id, actor=WHO, now=utc_now())
    import_services.undo(session, first.id, actor=WHO, now=utc_now())
    assert count(session, Answer) == 0


def answered(session, campaign, n):
    """One person who answered online, now and then with a reason."""
    made = factories.make_assessment(
        session, campaign, care_plan=["yes", "no", "not_sure"][n % 3], wave=1
    )
    allot(session, made)
    for k, item in enumerate(item.id for item in plan_of(made).items):
        reason = ["did_not_happen", "cannot_remember", "several_marked"][n % 3]
        given = {"reason": reason} if (n + k) % 7 == 0 else {"value": (n * k) % 5}
        if (n + k) % 11:
            made.answers.append(
                Answer(
                    item_id=item,
                    item_version=1,
                    answered_at=utc_now(),
                    source="web",
                    version=1,
                    **given,
                )
            )
    session.commit()
    submit(session, made.id, now=utc_now())


def scores_of(session, campaign):
    """Every set of scores in a campaign, in an order of their own."""
    return sorted(
        tuple(
            sorted(
                (s.scale, s.value, s.n_answered, s.n_applicable, s.reason or "")
                for s in session.scalars(select(Score).filter_by(assessment_id=number))
            )
        )
        for number in session.scalars(
            select(Assessment.id).where(Assessment.campaign_id == campaign.id)
        )
    )


@pytest.mark.parametrize("order", ["as_printed", "rotated", "booklets"])
def test_an_export_brought_into_another_trust_scores_the_same(session, campaign, order):
    length = 18 if order == "booklets" else None
    campaign.item_order, campaign.booklet_length = order, length
    for n in range(12):
        answered(session, campaign, n)
    made = export(session, campaign, "service_user", actor=WHO)
    elsewhere = factories.make_campaign(session)
    team = elsewhere.teams[0].id
    bring(session, elsewhere, made.responses.encode(), team_id=team)
    ours, theirs = scores_of(session, campaign), scores_of(session, elsewhere)
    assert len(ours) == 12 and ours == theirs
    again = export(session, elsewhere, "service_user", actor=WHO)
    assert without_names(again.responses) == without_names(made.responses)


def without_names(text):
    """Rows without person and team, which differ between trusts, in an order."""
    return sorted(line.split(",", 2)[2] for line in text.splitlines())


def test_quarters_of_the_tracking_page_follow_the_days_of_the_file(session, campaign):
    rows = [row(n, date=f"2025-0{4 if n < 12 else 7}-15") for n in range(24)]
    bring(session, campaign, csv_of(*rows))
    held = released(
        session, campaign.trust_id, "service_user", now=utc_now(), minimum=10
    )
    quarters = {str(r.quarter): r.figures[str(campaign.teams[0].id)] for r in held}
    assert {q: f["involvement"][0] for q, f in quarters.items()} == {
        "2025-04-01": 12,
        "2025-07-01": 12,
    }


def test_figures_that_were_let_out_do_not_move_and_the_preview_says_so(
    session, campaign
):
    bring(session, campaign, csv_of(*map(row, range(12))))
    look = {"now": utc_now(), "minimum": 10}
    (before,) = released(session, campaign.trust_id, "service_user", **look)
    figures = dict(before.figures)
    raw = csv_of(*(row(n) for n in range(20, 40)))
    _, table = import_services.check(session, campaign, raw, actor=WHO, now=utc_now())
    (group,) = import_services.preview(session, campaign, table)
    assert group == ("service_user", before.quarter, "paper", 20, True)
    bring(session, campaign, raw)
    (after,) = released(session, campaign.trust_id, "service_user", **look)
    assert after.figures == figures
    assert (
        quarter_of(table.rows[0].at) == session.scalars(select(Release.quarter)).one()
    )


def upload(client, campaign, raw, **fields):
    sent = {"file": (io.BytesIO(raw), "round.csv"), **fields}
    address = f"/imports/campaign/{campaign.id}"
    return client.post(address, data=sent, content_type="multipart/form-data")


def test_a_coordinator_sees_first_confirms_then_and_can_undo(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    response = upload(client, campaign, csv_of(row(0), row(1, mode="pigeon")))
    page = client.get(response.location)
    assert "1 of 2 rows is well" in page.text
    assert "Row 3, column mode: &#39;pigeon&#39; is none of" in page.text
    listed = client.get(f"{response.location}/problems.csv").text
    assert listed.splitlines()[1].startswith("3,mode,")
    refused = client.post(f"{response.location}/confirm", data={})
    assert refused.status_code == 422 and "agreed to taking part" in refused.text
    sent = {"agreed": "on", "good_rows_only": "on"}
    client.post(f"{response.location}/confirm", data=sent)
    assert "1 row was brought in" in client.get(response.location).text
    client.post(f"{response.location}/undo")
    assert "It was undone" in client.get(response.location).text


def test_a_file_that_cannot_be_used_is_asked_for_again(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    response = upload(client, campaign, b"nothing,of,use\n")
    assert response.status_code == 422 and "cannot be used" in response.text
    address = f"/imports/campaign/{campaign.id}"
    assert "Choose a file" in client.post(address, data={}).text


def test_the_template_has_the_columns_that_are_read(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/imports/campaign/{campaign.id}"
    header = client.get(f"{address}/template.csv").text.lstrip("\ufeff").strip()
    raw = (header + "\n").encode()
    with pytest.raises(InvalidImport, match="no row below the header"):
        import_services.check(session, campaign, raw, actor=WHO, now=utc_now())
    codebook = client.get(f"{address}/columns.csv").text
    assert "91 or did_not_happen" in codebook and "Service user" not in header


def test_no_cell_of_a_file_is_in_the_audit(session, campaign):
    bring(session, campaign, csv_of(row(0, person="Unrepeatable")))
    events = session.scalars(select(AuditEvent)).all()
    assert events and not any("Unrepeatable" in str(e.detail) for e in events)
