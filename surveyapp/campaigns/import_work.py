"""The long parts of an import: looking at every row, writing, deleting.

Each goes a batch at a time, and on from where it was stopped. What takes long is done
before the database is held: reading, checking and scoring.
"""

from itertools import islice

from .. import audit, file_pieces
from ..database import let_go, take_turns, utc_now
from ..errors import WorkRefused
from ..file_limits import FileRefused
from ..models import AnswerImport, Campaign, ImportedAssessment
from . import import_rows
from .import_findings import gather
from .import_services import day_of, give_up, locked, n_in
from .import_table import Reader

BATCH = 50  # rows of 100 answers hold the database for a twentieth of a second
SCORED = 500  # rows that are scored together
STEPS = 20  # that a page tells of
CHANGED = (
    "row {} was well when the file was looked at, and is not any more: {}. Give up "
    "this import, and bring the file in again"
)
NAMES = {
    "checking": "reading the rows",
    "writing": "writing the rows",
    "undoing": "deleting the answers",
    "cancelling": "deleting the file",
}


def perform(session, job, at_step):
    """Go on with the import of a job; WorkRefused says what is wrong with its file."""
    number = job.arguments["import"]
    try:
        carry_on(session, number, actor=f"staff:{job.asked_by_id}", at_step=at_step)
    except FileRefused as problem:
        raise WorkRefused(f"The file cannot be used: {problem}.") from problem


def carry_on(session, import_id, *, actor, at_step=None):
    """Do what is next of an import until it rests; the stage at which it does. Commits.

    `at_step(name, done, total)` is told how far it is. Raises FileRefused where the
    file cannot be read to its end, or is not well any more.
    """
    while (step := PARTS.get(stage := _stage(session, import_id))) is not None:
        step(session, import_id, actor, _coarse(at_step, NAMES[stage]))
    if stage in OVER:
        file_pieces.drop(session, import_id)
    return stage


def _stage(session, import_id):
    made = session.get(AnswerImport, import_id, populate_existing=True)
    let_go(session)
    return made.stage


def _coarse(at_step, name):
    """Tells of the first call, and then of every twentieth of the whole."""
    told = -1

    def tell(done, total):
        nonlocal told
        step = min(STEPS * done // max(total, 1), STEPS - 1)
        if at_step is not None and step > told:
            told = step
            at_step(name, step, STEPS)

    return tell


def check(session, import_id, actor, tell):
    """Look at every row of a file that was received."""
    made, campaign = _loaded(session, import_id)
    try:
        found = gather(
            _reader(session, made, tell),
            lambda rows: _known_among(session, campaign, rows),
        )
    except FileRefused:
        made = locked(session, import_id)
        if made.stage == "checking":
            give_up(session, made, actor)
        session.commit()
        clear(session, import_id, actor, tell)
        raise
    text, bad = found.text, found.n_bad
    made = locked(session, import_id)
    if made.stage == "checking":
        made.stage, made.findings = "checked", text
        made.n_rows, made.n_good = found.n_rows, found.n_good
        made.n_problems = found.n_problems
        audit.record(
            session,
            actor=actor,
            action="import.checked",
            subject=made,
            n=found.n_rows,
            bad=bad,
        )
    session.commit()


def _loaded(session, import_id):
    """An import and its campaign with all that rows are held against."""
    made = session.get(AnswerImport, import_id)
    loaded = made, made.campaign
    made.campaign.teams, made.campaign.instruments
    let_go(session)
    return loaded


def _reader(session, made, tell=None):
    """The file read again, as of the day on which it came."""
    return Reader(
        file_pieces.pieces_of(session, made.id, tell),
        made.campaign,
        today=day_of(made.made_at),
        team_id=made.options.get("team_id"),
        encoding=made.options.get("encoding", "utf-8-sig"),
    )


def _known_among(session, campaign, rows):
    """Lines whose person, perspective and wave are in the campaign already."""
    keys = {import_rows.row_key(campaign, row): row.line for row in rows}
    held = import_rows.held(session, ImportedAssessment.row_key, [*keys])
    let_go(session)
    return sorted(keys[key] for key in held)


def write(session, import_id, actor, tell):
    """Write what is not written yet, and make all of it count at once."""
    made, campaign = _loaded(session, import_id)
    rows = _good_rows(session, made, after=made.line_written)
    while some := [*islice(rows, SCORED)]:
        let_go(session)
        prepared = import_rows.prepare(campaign, some, now=utc_now())
        for at in range(0, len(prepared), BATCH):
            if not _write_batch(session, import_id, prepared[at : at + BATCH]):
                return
            tell(made.n_written, made.n_good)
            take_turns(session)
    _finish(session, import_id, actor)


def _good_rows(session, made, after):
    for row, problems in _reader(session, made):
        if row is not None:
            if row.line > after:
                yield row
        elif not made.options.get("good_rows_only"):
            raise FileRefused(CHANGED.format(problems[0].row, problems[0].says))


def _write_batch(session, import_id, prepared):
    """Write rows that nobody else has written meanwhile; False where it is given up."""
    made = locked(session, import_id)
    prepared = [each for each in prepared if each.line > made.line_written]
    if prepared and made.stage == "writing":
        # Two files of the same people take turns, batch by batch.
        session.get(Campaign, made.campaign_id, with_for_update=True)
        import_rows.write(session, made, prepared)
        made.n_written += len(prepared)
        made.line_written = prepared[-1].line
    session.commit()
    return made.stage == "writing"


def _finish(session, import_id, actor):
    made = locked(session, import_id)
    if made.stage == "writing":
        import_rows.submit(session, made)
        made.stage, made.findings, made.finished_at = "done", None, utc_now()
        audit.record(
            session,
            actor=actor,
            action="import.finished",
            subject=made,
            n=n_in(session, made),
        )
    session.commit()


def clear(session, import_id, actor, tell):
    """Delete the file and the rows of an import that is given up; no trace stays."""
    file_pieces.drop(session, import_id)
    _until_none(session, import_id, "cancelling", import_rows.delete_some, tell)


def forget(session, import_id, actor, tell):
    """Delete what the withdrawn rows of an import hold."""
    _until_none(session, import_id, "undoing", import_rows.forget_some, tell)


def _until_none(session, import_id, stage, some_of, tell):
    """Call `some_of` while there are rows; then the import has reached its end."""
    done = 0
    while (made := locked(session, import_id)).stage == stage:
        n = some_of(session, made)
        if not n:
            made.stage = AFTER[stage]
            made.n_written = 0 if stage == "cancelling" else made.n_written
        session.commit()
        done += n
        tell(done, made.n_rows)
        take_turns(session)
    session.commit()


AFTER = {"cancelling": "cancelled", "undoing": "undone"}
OVER = ("done", *AFTER.values())
PARTS = {
    "checking": check,
    "writing": write,
    "undoing": forget,
    "cancelling": clear,
}
