"""From stored answers to stored scores: the narrow bridge to psychometrics.

What a reason counts as is declared by each item and applied here, once: that
something did not happen is the lowest category, not a gap in the data. The
library is imported when it is first needed, or by `warm_up`: it takes a second,
which starting the server does not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, cast

from . import bank
from .assessments import gate
from .assessments.questions import questions_of
from .models import AdaptiveSitting, Assessment, Score
from .models.assessment import UNCLEAR_MARKS
from .software import SOFTWARE

if TYPE_CHECKING:
    import pandas as pd

    from psychometrics.adaptive import Step

THETA = "involvement_theta"  # a scale of its own: no mean of answers
EAP = "eap.v1"
MODELS = {
    "graded_response": "graded",
    "generalized_partial_credit": "gpcm",
    "partial_credit": "pcm",
    "rating_scale": "rsm",
}


@dataclass(frozen=True, eq=False)
class Replies:
    """Stored answers as two tables persons x items, one empty where the other is not.

    `values` holds categories and NaN, `reasons` names of reasons and None.
    """

    values: "pd.DataFrame"
    reasons: "pd.DataFrame"


def warm_up() -> None:
    """Import what respondents and leads ask for before any of them waits for it."""
    from psychometrics import adaptive, group_mean_chart, score  # noqa: F401


def score_assessment(
    assessment: Assessment, *, now: datetime, revision: int = 1
) -> list[Score]:
    """Scores of one assessment on every scale of its instrument, as new rows.

    The caller adds them and commits; a second set under the same revision breaks
    a unique constraint. Where too few items are answered the row has a reason and
    no value.
    """
    return score_assessments([assessment], now=now, revision=revision)[0]


def score_assessments(
    assessments: Sequence[Assessment], *, now: datetime, revision: int = 1
) -> list[list[Score]]:
    """The same for many assessments of one instrument; a list of rows for each."""
    scored = score_sittings(assessments, now=now, revision=revision)
    return [
        [Score(assessment=assessment, **row) for row in rows]
        for assessment, rows in zip(assessments, scored)
    ]


def score_sittings(assessments, *, now, revision=1, outcome=gate.outcome):
    """The same as plain values, for answers that are in no database yet.

    A sitting is anything with the `instrument`, `arrangement`, `care_plan`,
    `wants_plan` and `answers` of an assessment; an adaptive form needs an assessment.
    """
    import psychometrics

    instrument = bank.instrument(assessments[0].instrument)
    rule = {"outcome": outcome}
    thetas = [_theta_rows(a, now=now, revision=revision, **rule) for a in assessments]
    if instrument.adaptive:
        return thetas
    coded = coded_responses(assessments, instrument, **rule)
    scored = psychometrics.score(
        coded.responses,
        instrument.scales,
        categories=categories(instrument),
        applies=coded.applies,
        min_share=instrument.scoring.min_share,
    )
    made = {
        "method": f"{scored.method}.v{scored.version}",
        "instrument": instrument.ref,
        "software_version": SOFTWARE,
        "computed_at": now,
        "revision": revision,
    }
    return [
        [_row(scored, person, scale) | made for scale in instrument.scales]
        + thetas[person]
        for person in range(len(assessments))
    ]


def adaptive_form_of(assessment):
    """The adaptive form that its campaign gives, even to who got the fixed one.

    None for a sitting without a campaign: such answers are to a fixed form.
    """
    campaign = getattr(assessment, "campaign", None)
    if campaign is None:
        return None
    given = {c.perspective: c.instrument for c in campaign.instruments}
    refs = assessment.instrument, given.get(assessment.perspective)
    forms = (bank.instrument(ref) for ref in refs if ref)
    return next((form for form in forms if form.adaptive), None)


def replies_of(assessments, instrument):
    """The answers of each assessment, in the instrument's order of items."""
    import pandas as pd

    items = [item.id for item in instrument.items]
    answers = [{a.item_id: a for a in x.answers} for x in assessments]
    index = pd.RangeIndex(len(assessments))

    def table(read, kind):
        rows = [[read(given.get(item)) for item in items] for given in answers]
        return pd.DataFrame(rows, index=index, columns=items, dtype=kind)

    return Replies(
        values=table(lambda answer: answer and answer.value, float),
        reasons=table(lambda answer: answer and answer.reason, object),
    )


def coded_responses(assessments, instrument, *, outcome=gate.outcome):
    """Responses with every reason coded as its item declares, and what applies.

    What the gate settles counts by `assessments.gate`. Under a first-edition gate a
    category that the person chose there after all stands; under a strict one it is
    kept and not scored. An item that the person is not asked does not apply to them. A
    mark on paper that is no single answer counts as missing. `outcome` is the rule at
    the gate, which only a line that shows how much rests on it changes.
    """
    from psychometrics.scores.scale_scores import code_reasons

    replies = replies_of(assessments, instrument)
    ranges = categories(instrument)
    structural = {}
    for person, assessment in enumerate(assessments):
        settled = gate.settled_items(assessment, instrument)
        is_lowest = outcome(assessment, instrument) == gate.LOWEST
        given = replies.values.loc[person]
        ruled = [
            i for i in settled if instrument.gate.is_strict or math.isnan(given[i])
        ]
        structural[person] = [] if is_lowest else ruled
        for item in ruled:
            lowest = ranges[item][0] if is_lowest else math.nan
            replies.values.at[person, item] = lowest
            replies.reasons.at[person, item] = None
    unclear = dict.fromkeys(UNCLEAR_MARKS, "missing")
    coding = {item.id: {**item.reasons, **unclear} for item in instrument.items}
    coded = code_reasons(replies.values, replies.reasons, coding, categories=ranges)
    for person, assessment in enumerate(assessments):
        not_asked = questions_of(assessment).not_asked_of(instrument)
        coded.applies.loc[person, [*not_asked, *structural[person]]] = False
    return coded


def categories(instrument):
    """Lowest and highest category of each item."""
    return {i.id: (i.responses.lowest, i.responses.highest) for i in instrument.items}


def next_step(assessment: Assessment) -> "Step":
    """Theta so far and the next item of an adaptive form, or why it is over.

    The draw among the best items depends on the sitting's seed and the number of
    items so far alone: with the same answers it comes out the same again.
    """
    from numpy.random import default_rng

    answers, _ = _coded_answers(assessment)
    sitting = cast("AdaptiveSitting", assessment.sitting)  # as `adaptive.start` made
    rng = default_rng([sitting.seed, len(answers)])
    return adaptive_test(assessment.instrument).step(answers, rng=rng)


@cache
def adaptive_test(ref):
    """The test that an adaptive form describes, at its calibration's parameters."""
    import numpy as np
    import pandas as pd

    from psychometrics.adaptive import AdaptiveTest, StopRule
    from psychometrics.irt.models import intercepts_from_thresholds
    from psychometrics.irt.parameters import ItemParameters

    form = bank.instrument(ref)
    rule, known = form.adaptive, bank.calibration(form.adaptive.calibration)
    model = MODELS[known.model]
    values = [known.parameters[item.ref] for item in form.items]
    slopes = pd.DataFrame(
        {"a1": [v["discrimination"] for v in values]}, [i.id for i in form.items]
    )
    cuts = pd.DataFrame([v["thresholds"] for v in values], slopes.index)
    parameters = ItemParameters(
        model=model,
        slopes=slopes,
        intercepts=pd.DataFrame(
            intercepts_from_thresholds(model, slopes.to_numpy(), cuts.to_numpy()),
            slopes.index,
            np.arange(1, cuts.shape[1] + 1),
        ),
        categories={i.id: sorted(i.responses.values) for i in form.items},
    )
    return AdaptiveTest(
        parameters,
        {block.prerequisite: [i.id for i in block.items] for block in form.blocks},
        StopRule(
            min_items=rule.min_items,
            max_items=rule.max_items,
            se=rule.se,
            min_gain=rule.min_gain,
        ),
        randomesque=rule.choose_among,
    )


def _coded_answers(assessment, outcome=gate.outcome):
    """Item -> category or None, for those the person was asked; how many apply."""
    questions = questions_of(assessment)
    coded = coded_responses([assessment], questions.instrument, outcome=outcome)
    asked = [item.id for item in questions.items]
    row, applies = coded.responses.iloc[0], coded.applies.iloc[0]
    answers = {i: None if math.isnan(row[i]) else int(row[i]) for i in asked}
    return answers, int(applies[asked].sum())


def _theta_rows(assessment, *, now, revision, outcome):
    """EAP of theta from whatever was answered, if that is half of what applies.

    One row where the campaign gives an adaptive form, else none. Who stops before
    the least number of items is held to half of that number.
    """
    from psychometrics.scores.half_rule import has_enough_answers

    form = adaptive_form_of(assessment)
    if form is None or not bank.may_score(form, assessment.campaign.trust):
        return []
    answers, n_applies = _coded_answers(assessment, outcome)
    n_answered = sum(code is not None for code in answers.values())
    least = form.adaptive.min_items - (len(answers) - n_applies)
    is_enough = has_enough_answers(
        n_answered, max(n_applies, least), form.scoring.min_share
    )
    test = adaptive_test(form.ref)
    theta, se = test.estimate(answers) if is_enough else (None, None)
    row = {
        "scale": THETA,
        "value": theta,
        "se": se,
        "n_answered": n_answered,
        "n_applicable": n_applies,
        "reason": None if is_enough else "too_few_answers",
        "method": EAP,
        "instrument": form.ref,
        "calibration": form.adaptive.calibration,
        "software_version": SOFTWARE,
        "computed_at": now,
        "revision": revision,
    }
    return [row]


def _row(scored, person, scale):
    value, se = scored.values.at[person, scale], scored.se.at[person, scale]
    return {
        "scale": scale,
        "value": None if math.isnan(value) else float(value),
        "se": None if math.isnan(se) else float(se),
        "n_answered": int(scored.n_answered.at[person, scale]),
        "n_applicable": int(scored.n_applies.at[person, scale]),
        "reason": scored.reason.at[person, scale],
    }
