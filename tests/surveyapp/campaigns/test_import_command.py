"""`prom import` and `prom undo-import`: one line says what is wrong."""

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from surveyapp.cli import main
from surveyapp.models import AnswerImport, Assessment

from ... import factories
from .earlier import csv_of, file_of, row

pytestmark = pytest.mark.any_database


@pytest.fixture
def run(app, session, monkeypatch, tmp_path):
    """Runs a command on this database; a file of rows lies where it looks."""
    factories.make_campaign(session)
    session.commit()
    monkeypatch.setattr("surveyapp.create_app", lambda: app)

    def run(command, *options, rows=(), kind="csv"):
        file = tmp_path / f"round.{kind}"
        made = csv_of(*rows) if kind == "csv" else file_of(kind, *rows)
        file.write_bytes(made if rows else b"")
        given = [str(file)] if command == "import" else []
        return CliRunner().invoke(main, [command, *given, *options])

    return run


def count(session, kind, *where):
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind).where(*where))


def test_a_file_is_brought_in_and_taken_out_again(session, run):
    result = run("import", "--they-agreed", rows=[row(0), row(1)])
    assert result.exit_code == 0, result.output
    assert "2 rows in campaign" in result.output
    number = session.scalar(select(AnswerImport.id))
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 2
    assert run("undo-import", str(number)).exit_code == 0
    assert count(session, Assessment, Assessment.withdrawn_at.is_not(None)) == 2
    assert run("undo-import", str(number)).exit_code == 2


def test_a_file_of_a_statistics_program_is_brought_in(session, run):
    rows = [row(0), row(1), row(2, wave="2")]
    result = run("import", "--they-agreed", rows=rows, kind="sav")
    assert "Read as an SPSS file" in result.output
    assert "Note: row 4 is of a later wave" in result.output
    assert "3 rows in campaign" in result.output


def test_every_problem_is_named_and_nothing_is_written(session, run):
    rows = [row(0), row(1, mode="pigeon", wave="0")]
    result = run("import", "--they-agreed", rows=rows)
    assert result.exit_code == 2
    assert "row 3, column mode: 'pigeon' is none of" in result.output
    assert "row 3, column wave" in result.output
    assert count(session, Assessment) == 0


def test_good_rows_come_in_on_explicit_choice(session, run):
    rows = [row(0), row(1, mode="pigeon")]
    result = run("import", "--they-agreed", "--good-rows", rows=rows)
    assert result.exit_code == 0 and count(session, Assessment) == 1


def test_a_check_writes_nothing(session, run):
    result = run("import", "--check-only", rows=[row(0), row(1)])
    assert "2 of 2 rows are well" in result.output
    assert count(session, Assessment) == 0
    assert run("import", "--they-agreed", rows=[row(0), row(1)]).exit_code == 0


def test_a_check_of_a_file_with_nothing_usable_fails(session, run):
    result = run("import", "--check-only", rows=[row(0, mode="pigeon")])
    assert result.exit_code == 1 and "0 of 1 row are well" in result.output
    assert "No row could be brought in" in result.output
    assert count(session, Assessment) == 0


def test_without_the_word_that_people_agreed_nothing_is_written(session, run):
    result = run("import", rows=[row(0)])
    assert result.exit_code == 2 and "agreed to taking part" in result.output
    assert count(session, Assessment) == 0


def test_a_team_may_be_named_for_every_row(session, run):
    result = run("import", "--they-agreed", "--team", "harbour TEAM", rows=[row(0)])
    assert result.exit_code == 0, result.output
    refused = run("import", "--team", "Nobody", rows=[row(1)])
    assert refused.exit_code == 2 and "this campaign has Harbour team" in refused.output


def test_an_empty_file_is_one_line(run):
    result = run("import")
    assert result.exit_code == 2 and "the file is empty" in result.output
