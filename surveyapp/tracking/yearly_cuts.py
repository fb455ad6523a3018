"""Cross-cuts of a trust's year: one fixed list, let out once the year is over.

A cell is let out with thirty people at least, and as many besides: those of the cut
who are in no cell that is let out are none, or thirty too. Its mean is rounded once,
to a multiple of five, and so is the number of its people. No cut of a team, of a
shorter time, or of two at once is made.
"""

from collections import defaultdict
from datetime import date
from statistics import fmean

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, selectinload

from ..assessments import gate_sensitivity
from ..calendar import LONDON
from ..models import (
    Assessment,
    BackgroundAnswer,
    ReleasedCut,
    ReleasedGroup,
    Score,
)
from .release_queue import OVERALL
from .rescoring import anew
from .series import metric_of

LEAST = 30
MODE, PLAN, GATE = "mode", "care_plan", "gate"
WITHOUT = ("no", "not_sure")  # for whom the gate may answer
ASKED = ("age_band", "sex", "ethnic_group", "care_setting")
CUTS = (MODE, PLAN, *ASKED)
FEBRUARY = 2  # what was on paper in December has been keyed by then
AT_ONCE = 500


def release_cuts(session, trust_id, *, now, draws):
    """Let out the cuts of the last year that is over, once. Commits."""
    year = year_that_is_over(now)
    held = set(
        session.execute(
            select(ReleasedCut.perspective, ReleasedCut.series)
            .filter_by(trust_id=trust_id, year=year)
            .distinct()
        ).all()
    )
    for (perspective, series), rows in _people(session, trust_id, year).items():
        if (perspective, series) in held:
            continue
        of = {"trust_id": trust_id, "perspective": perspective, "series": series}
        known = of | {"year": year}
        for cut, cells in _cells(session, rows).items():
            for cell in sorted(told(cells)):
                _add(session, known, cut, cell, cells[cell], draws)
        _add_gate(session, known, rows, draws, now)
    session.commit()


def year_that_is_over(now):
    """The last year of which everything is in."""
    today = now.astimezone(LONDON).date()
    return today.year - (1 if today.month >= FEBRUARY else 2)


def told(cells):
    """The cells that may be let out, of cell -> values of people."""
    sizes = {cell: len(values) for cell, values in cells.items()}
    n = sum(sizes.values())
    shown = {c for c, size in sizes.items() if size >= LEAST <= n - size}
    while shown and 0 < n - sum(sizes[c] for c in shown) < LEAST:
        shown.remove(min(shown, key=lambda cell: (sizes[cell], cell)))
    return shown


def _people(session, trust_id, year):
    """(Perspective, series) -> rows of people in groups of the year, as they stand."""
    other = aliased(Score)
    newest = (
        select(func.max(other.revision))
        .where(other.assessment_id == Score.assessment_id, other.scale == Score.scale)
        .scalar_subquery()
    )
    query = (
        select(
            Assessment.id,
            Assessment.mode,
            Assessment.care_plan,
            ReleasedGroup.perspective,
            ReleasedGroup.family,
            Score.value,
            Score.method,
            Score.calibration,
        )
        .join(ReleasedGroup, ReleasedGroup.id == Assessment.released_group_id)
        .join(Score, Score.assessment_id == Assessment.id)
        .where(
            ReleasedGroup.trust_id == trust_id,
            ReleasedGroup.last_on.between(date(year, 1, 1), date(year, 12, 31)),
            Assessment.counts(),
            Score.scale == OVERALL,
            Score.value.is_not(None),
            Score.revision == newest,
        )
    )
    found = defaultdict(list)
    for row in session.execute(query):
        series = f"{metric_of(row.method, row.calibration)} {row.family}"
        found[row.perspective, series].append(row)
    return found


def _cells(session, rows):
    """Cut -> cell -> scores of those of whom the cell is known."""
    values = {row.id: row.value for row in rows}
    found = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[MODE][row.mode].append(row.value)
        if row.care_plan:
            found[PLAN][row.care_plan].append(row.value)
    numbers = sorted(values)
    for start in range(0, len(numbers), AT_ONCE):
        said = select(
            BackgroundAnswer.assessment_id,
            BackgroundAnswer.question_id,
            BackgroundAnswer.value,
        ).where(
            BackgroundAnswer.assessment_id.in_(numbers[start : start + AT_ONCE]),
            BackgroundAnswer.question_id.in_(ASKED),
        )
        for number, question, answer in session.execute(said):
            found[question][answer].append(values[number])
    return found


def _add(session, known, cut, cell, values, draws, scale=OVERALL):
    of = _named(known, cut, cell, scale)
    figure = {
        "n": draws.rounded(len(values), "people", *of),
        "value": draws.rounded(fmean(values), *of),
    }
    session.add(ReleasedCut(**known, cut=cut, cell=cell, scale=scale, **figure))


def _named(known, cut, cell, scale):
    """What a draw belongs to."""
    return "cut", *known.values(), cut, cell, scale


def _add_gate(session, known, rows, draws, now):
    """The means as scored and without the care plan's questions of some people.

    Only where thirty people at least are left out, and thirty are not. The change of
    the mean is what is rounded, as where scores are made anew.
    """
    n_without = sum(row.care_plan in WITHOUT for row in rows)
    if not LEAST <= n_without <= len(rows) - LEAST:
        return
    lines, n_touched = _lines(session, [row.id for row in rows], now)
    for scale, means in lines.items():
        n, first = means["as_scored"]
        if n < LEAST:
            continue
        told_first = draws.rounded(first, *_named(known, GATE, "as_scored", scale))
        kept = {"as_scored": (n, told_first)}
        for line, n_out in n_touched.items():
            n_line, mean = means[line]
            if n_out >= LEAST <= n - n_out and n_line >= LEAST:
                of = _named(known, GATE, line, scale)
                kept[line] = n_line, anew(draws, told_first, mean - first, *of)
        if len(kept) == 1:
            continue
        for line, (n_line, value) in kept.items():
            people = draws.rounded(n_line, "people", *_named(known, GATE, line, scale))
            figure = {"n": people, "value": value, "scale": scale}
            session.add(ReleasedCut(**known, cut=GATE, cell=line, **figure))


def _lines(session, numbers, now):
    """Scale -> line -> (people, mean); and line -> people whose scores it changes."""
    totals = defaultdict(lambda: defaultdict(lambda: [0, 0.0]))
    touched = defaultdict(int)
    for start in range(0, len(numbers), AT_ONCE):
        query = (
            select(Assessment)
            .where(Assessment.id.in_(numbers[start : start + AT_ONCE]))
            .options(selectinload(Assessment.answers))
        )
        assessments = session.scalars(query).all()
        lines = gate_sensitivity.scores_by_line(assessments, now=now)
        for line, scales in lines.items():
            for scale, values in scales.items():
                held = [value for value in values if value is not None]
                totals[scale][line][0] += len(held)
                totals[scale][line][1] += sum(held)
            if line != "as_scored":
                before, after = lines["as_scored"][OVERALL], scales[OVERALL]
                touched[line] += sum(a != b for a, b in zip(before, after))
    means = {
        scale: {line: (n, added / n if n else 0.0) for line, (n, added) in each.items()}
        for scale, each in totals.items()
    }
    return means, touched
