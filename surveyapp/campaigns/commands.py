"""`prom import` and `prom undo-import`: answers of an earlier round."""

from pathlib import Path

import click

from ..context import Refused, with_app
from ..plurals import counted

SHOWN = 50


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--campaign", type=int, help="Its number; needed if there are several.")
@click.option("--team", help="The team of every row; else the file's column says.")
@click.option("--check-only", is_flag=True, help="Name the problems, write nothing.")
@click.option("--good-rows", is_flag=True, help="Leave out the rows with a problem.")
@click.option(
    "--they-agreed",
    is_flag=True,
    help="The people agreed to taking part then, and to this use of their answers.",
)
@with_app
def import_answers(file, campaign, team, check_only, good_rows, they_agreed):
    """Bring the answers of an earlier round in from a FILE.

    CSV, Excel (.xlsx), SPSS (.sav), Stata (.dta) or Parquet.

    Columns are those of `prom export` or of the campaign's template. Every problem
    is named with row and column, and nothing is written unless all rows are well
    or --good-rows leaves the others out.
    """
    from ..assessments.queries import find_campaign
    from ..database import utc_now
    from ..errors import InvalidAnswers
    from ..extensions import db
    from . import import_services
    from .import_findings import Findings

    session, who = db.session, {"actor": "command line", "now": utc_now()}
    found = find_campaign(session, campaign)
    with open(file, "rb") as read:
        made = import_services.receive(
            session,
            found,
            read,
            name=file.name,
            team_id=_team_id(found, team),
            **who,
        )
    _go_on(session, made.id)
    findings = Findings.read(made.findings)
    _say_problems(findings)
    if check_only:
        import_services.cancel(session, made.id, **who)
        _go_on(session, made.id)
        n, are = findings.n_good, "is" if findings.n_good == 1 else "are"
        click.echo(f"{n} of {counted(findings.n_rows, 'row')} {are} well")
        if not n:
            click.echo("No row could be brought in", err=True)
            raise click.exceptions.Exit(1)
        return
    try:
        import_services.confirm(
            session, made.id, agreed=they_agreed, good_rows_only=good_rows, **who
        )
    except InvalidAnswers as problem:
        import_services.cancel(session, made.id, **who)
        _go_on(session, made.id)
        raise Refused(f"{problem} (--they-agreed, --good-rows)") from problem
    _go_on(session, made.id, at_step=_say_progress)
    n = import_services.n_in(session, made)
    click.echo(f"Import {made.id}: {counted(n, 'row')} in campaign {found.id}")


def _go_on(session, import_id, at_step=None):
    """Do here what a job does for a page."""
    from . import import_work

    who = "command line"
    import_work.carry_on(session, import_id, actor=who, at_step=at_step)


@click.command("undo-import")
@click.argument("number", type=int)
@with_app
def undo_import(number):
    """Withdraw everything that import NUMBER brought in."""
    from ..database import utc_now
    from ..extensions import db
    from . import import_services

    who = {"actor": "command line", "now": utc_now()}
    if not import_services.undo(db.session, number, **who):
        raise Refused(f"Import {number} was not finished, or is undone already")
    _go_on(db.session, number)
    click.echo(f"Import {number} is undone.")


def _team_id(campaign, name):
    if name is None:
        return None
    for team in campaign.teams:
        if name.casefold() in (team.name.casefold(), str(team.id)):
            return team.id
    known = ", ".join(team.name for team in campaign.teams)
    raise Refused(f"--team {name}: this campaign has {known}")


def _say_problems(found):
    click.echo(f"Read as {found.form}", err=True)
    for problem in found.problems[:SHOWN]:
        where = f", column {problem.column}" if problem.column else ""
        click.echo(f"row {problem.row}{where}: {problem.says}", err=True)
    if found.n_problems > SHOWN:
        click.echo(f"... and {found.n_problems - SHOWN:,} more problems", err=True)
    for note in found.notes:
        click.echo(f"Note: {note}", err=True)
    for name in found.unused:
        click.echo(f"Note: column {name} is not used", err=True)
    if found.absent:
        absent = ", ".join(found.absent[:5])
        click.echo(
            f"Note: without a column: {counted(len(found.absent), 'item')}: {absent}",
            err=True,
        )


def _say_progress(name, done, total):
    click.echo(f"{name}: {100 * done // total} %", err=True)


COMMANDS = (import_answers, undo_import)
