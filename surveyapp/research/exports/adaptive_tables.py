"""What an adaptive form leaves beside the answers: thetas, steps and exposure rates."""

from sqlalchemy import select

from ...assessments.exposure import EXPOSURE_COLUMNS, exposure
from ...models import Score
from ...scoring import THETA

THETA_COLUMNS = {
    "theta": "Involvement on the calibration's latent scale (EAP); no mean of answers",
    "se": "Standard error of theta, on the same scale",
    "n_given": "How many items the person was given",
    "n_answered": "How many of them carry a category, as reasons are coded",
    "stop_reason": "Why it ended: precise, no_gain, longest, exhausted, wish "
    "(sent before the end), or all_questions (the fixed form was chosen)",
    "no_score": "Why there is no theta",
    "method": "How theta was estimated",
    "calibration": "Whose item parameters were used",
    "software": "Version of this software",
}
STEP_COLUMNS = {
    "step": "In which place the item was given, counted from 1",
    "item": "The item that was given",
    "item_version": "Its version",
    "theta_before": "Theta when the item was chosen",
    "se_before": "Its standard error then",
    "left_out": "1 where the person went on without any answer",
}


def files(session, assessments, instrument, named):
    """Name -> rows, header first; `named` turns a respondent into a pseudonym."""
    return {
        "theta.csv": _thetas(session, assessments, named),
        "steps.csv": _steps(assessments, named),
        "exposure.csv": exposure(assessments, instrument),
    }


def columns():
    """Every column of these files, and what it says, for the codebook."""
    return {**THETA_COLUMNS, **STEP_COLUMNS, **EXPOSURE_COLUMNS}


def _thetas(session, assessments, named):
    ids = [assessment.id for assessment in assessments]
    query = select(Score).where(Score.scale == THETA, Score.assessment_id.in_(ids))
    newest = {
        s.assessment_id: s for s in session.scalars(query.order_by(Score.revision))
    }
    rows = [
        [named(a.respondent), *_theta(newest[a.id], a.sitting)]
        for a in assessments
        if a.id in newest
    ]
    return [["person", *THETA_COLUMNS], *sorted(rows, key=lambda row: row[0])]


def _theta(score, sitting):
    return [
        score.value,
        score.se,
        len(sitting.given) if sitting else None,
        score.n_answered,
        sitting and sitting.stop_reason,
        score.reason,
        score.method,
        score.calibration,
        score.software_version,
    ]


def _steps(assessments, named):
    rows = []
    for assessment in assessments:
        answered = {answer.item_id for answer in assessment.answers}
        for e in assessment.sitting.exposures if assessment.sitting else ():
            left_out = int(e.item_id not in answered)
            known = e.step, e.item_id, e.item_version, e.theta, e.se, left_out
            rows.append([named(assessment.respondent), *known])
    rows.sort(key=lambda row: row[:2])
    return [["person", *STEP_COLUMNS], *rows]
