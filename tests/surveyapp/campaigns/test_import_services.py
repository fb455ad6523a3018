"""Earlier answers come in whole, count at once, score alike, and go again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from surveyapp.assessments.item_order import assign_order
from surveyapp.assessments.questions import questions_of
from surveyapp.assessments.submission import submit
from surveyapp.campaigns import import_rows, import_services, import_work
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers, NotAllowed
from surveyapp.file_limits import FileRefused
from surveyapp.models import (
    Answer,
    AnswerImportPiece,
    Assessment,
    AuditEvent,
    ReleasedFigure,
    ReleasedGroup,
    Respondent,
    Score,
)
from surveyapp.research.exports.export import tables
from surveyapp.tracking.nightly_release import release_trust
from surveyapp.tracking.rounding import Draws

from ... import factories
from .earlier import (
    ITEMS,
    Cut,
    bring,
    confirm,
    csv_of,
    cut_after,
    found_in,
    look_at,
    row,
)

pytestmark = pytest.mark.any_database

WHO = "staff:1"


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


@pytest.fixture(autouse=True)
def in_app(app, session):
    session.flush()
    with app.app_context():
        yield


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
    look_at(session, campaign, csv_of(row(0)))
    assert count(session, Assessment) == 0


def test_nothing_is_written_unless_all_is_well_or_the_rest_is_left_out(
    session, campaign
):
    made = look_at(session, campaign, csv_of(row(0), row(1, mode="pigeon")))
    with pytest.raises(InvalidAnswers):
        confirm(session, made)
    assert count(session, Assessment) == 0 and len(found_in(made).problems) == 1
    confirm(session, made, good_rows_only=True)
    import_work.carry_on(session, made.id, actor=WHO)
    assert count(session, Assessment) == 1


def test_nobody_is_brought_in_without_the_word_that_they_agreed(session, campaign):
    made = look_at(session, campaign, csv_of(row(0)))
    say = {"actor": WHO, "now": utc_now(), "agreed": False}
    with pytest.raises(InvalidAnswers, match="agreed to taking part"):
        import_services.confirm(session, made.id, **say)


def half_written(session, campaign, raw, monkeypatch):
    """An import of which two of five rows are written when the work is cut off."""
    monkeypatch.setattr(import_work, "BATCH", 2)
    made = look_at(session, campaign, raw)
    confirm(session, made)
    with pytest.raises(Cut):
        import_work.carry_on(session, made.id, actor=WHO, at_step=cut_after(0))
    return made


def test_half_written_rows_count_nowhere_until_all_are_there(
    session, campaign, monkeypatch
):
    raw = csv_of(*map(row, range(5)))
    made = half_written(session, campaign, raw, monkeypatch)
    assert count(session, Assessment) == 2
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 0
    assert import_work.carry_on(session, made.id, actor=WHO) == "done"
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 5
    assert count(session, AnswerImportPiece) == 0


def test_a_half_written_file_that_is_sent_again_goes_on_where_it_was(
    session, campaign, monkeypatch
):
    raw = csv_of(*map(row, range(5)))
    made = half_written(session, campaign, raw, monkeypatch)
    assert look_at(session, campaign, raw).id == made.id
    assert made.stage == "done" and count(session, Assessment) == 5


def test_rows_that_are_well_no_more_stop_an_import_in_words(session, campaign):
    made = look_at(session, campaign, csv_of(row(0, team="Harbour team")))
    confirm(session, made)
    campaign.teams[0].name = "Another name"
    session.commit()
    with pytest.raises(FileRefused, match="row 2 was well .* is no team"):
        import_work.carry_on(session, made.id, actor=WHO)
    assert (made.stage, count(session, Assessment)) == ("writing", 0)


def test_giving_up_half_way_leaves_no_trace(session, campaign, monkeypatch):
    raw = csv_of(*map(row, range(5)))
    made = half_written(session, campaign, raw, monkeypatch)
    import_services.cancel(session, made.id, actor=WHO, now=utc_now())
    assert import_work.carry_on(session, made.id, actor=WHO) == "cancelled"
    for kind in (Assessment, Answer, Score, Respondent, AnswerImportPiece):
        assert count(session, kind) == 0
    bring(session, campaign, raw)


def test_deleting_goes_on_where_it_was_cut_off(session, campaign, monkeypatch):
    monkeypatch.setattr(import_rows, "AT_ONCE", 2)
    made = bring(session, campaign, csv_of(*map(row, range(5))))
    import_services.undo(session, made.id, actor=WHO, now=utc_now())
    assert count(session, Assessment, Assessment.withdrawn_at.is_(None)) == 0
    with pytest.raises(Cut):
        import_work.carry_on(session, made.id, actor=WHO, at_step=cut_after(0))
    assert count(session, Answer) == 3 * len(ITEMS)
    assert import_work.carry_on(session, made.id, actor=WHO) == "undone"
    assert count(session, Answer) == 0


def test_a_file_that_nobody_confirms_is_deleted_when_another_comes(session, campaign):
    made = look_at(session, campaign, csv_of(row(0)))
    made.made_at -= import_services.KEEP_UNWRITTEN + timedelta(minutes=1)
    session.commit()
    look_at(session, campaign, csv_of(row(1)))
    import_work.carry_on(session, made.id, actor=WHO)
    assert (made.stage, made.findings, count(session, AnswerImportPiece)) == (
        "cancelled",
        None,
        1,
    )


def test_the_same_file_is_not_brought_in_twice(session, campaign):
    bring(session, campaign, csv_of(row(0)))
    with pytest.raises(FileRefused, match="brought in before"):
        bring(session, campaign, csv_of(row(0)))


def test_the_same_person_and_wave_is_brought_in_once(session, campaign):
    bring(session, campaign, csv_of(row(0)))
    bring(session, campaign, csv_of(row(0), row(1), row(0, wave="2")))
    assert count(session, Assessment) == 3
    assert count(session, Respondent) == 2


def undo(session, made):
    import_services.undo(session, made.id, actor=WHO, now=utc_now())
    import_work.carry_on(session, made.id, actor=WHO)


def test_undoing_deletes_what_was_brought_in_and_frees_the_file(session, campaign):
    made = bring(session, campaign, csv_of(row(0, gender="woman"), row(1)))
    undo(session, made)
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
        undo(session, first)
    undo(session, second)
    undo(session, first)
    assert count(session, Answer) == 0


def answered(app, session, campaign, n):
    """One person who answered online, now and then with a reason."""
    made = factories.make_assessment(
        session, campaign, care_plan=["yes", "no", "not_sure"][n % 3], wave=1
    )
    assign_order(session, made)
    for k, item in enumerate(item.id for item in questions_of(made).items):
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
    with app.app_context():
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
def test_an_export_brought_into_another_trust_scores_the_same(
    app, session, campaign, order
):
    length = 18 if order == "booklets" else None
    campaign.item_order, campaign.booklet_length = order, length
    for n in range(12):
        answered(app, session, campaign, n)
    made = tables(session, campaign, "service_user")
    elsewhere = factories.make_campaign(session)
    team = elsewhere.teams[0].id
    bring(session, elsewhere, made.responses.encode(), team_id=team)
    ours, theirs = scores_of(session, campaign), scores_of(session, elsewhere)
    assert len(ours) == 12 and ours == theirs
    again = tables(session, elsewhere, "service_user")
    assert without_names(again.responses) == without_names(made.responses)


def without_names(text):
    """Rows without person and team, which differ between trusts, in an order."""
    return sorted(line.split(",", 2)[2] for line in text.splitlines())


def night(session, campaign):
    """What is let out at night; the groups of the trust."""
    draws = Draws("a key")
    release_trust(session, campaign.trust_id, now=utc_now(), draws=draws)
    return session.scalars(select(ReleasedGroup).order_by(ReleasedGroup.id)).all()


def test_groups_follow_the_days_of_the_file(session, campaign):
    rows = [row(n, date=f"2025-0{4 if n < 10 else 7}-15") for n in range(20)]
    bring(session, campaign, csv_of(*rows))
    days = [(group.first_on, group.last_on) for group in night(session, campaign)]
    assert days == [(date(2025, month, 15),) * 2 for month in (4, 7)]


def test_figures_that_were_let_out_do_not_move_when_more_is_brought_in(
    session, campaign
):
    bring(session, campaign, csv_of(*map(row, range(10))))
    (before,) = night(session, campaign)
    made = look_at(session, campaign, csv_of(*(row(n) for n in range(20, 40))))
    assert found_in(made).groups == [("service_user", date(2025, 1, 1), "paper", 20)]
    confirm(session, made)
    import_work.carry_on(session, made.id, actor=WHO)
    assert [group.n for group in night(session, campaign)] == [10, 10, 10]
    figures = select(ReleasedFigure.n).filter_by(group_id=before.id)
    assert session.scalars(figures).all() == [10]


def test_no_cell_of_a_file_is_in_the_audit(session, campaign):
    bring(session, campaign, csv_of(row(0, person="Unrepeatable")))
    events = session.scalars(select(AuditEvent)).all()
    assert events and not any("Unrepeatable" in str(e.detail) for e in events)
