"""Whole reports on large tables of answers: every section that can be is there."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import validation_report
from psychometrics.report import Anchor, Hypothesis, Occasion, Plan
from psychometrics.simulate import responses as draw
from psychometrics.simulate import simple_structure
from tests.golden.reference import BFI_ITEMS, BFI_REVERSED, BFI_SCALES, dataset

PLAN = Plan(
    scales=BFI_SCALES,
    reverse=tuple(BFI_REVERSED),
    categories=(1, 6),
    groups="gender",
    hypotheses=(
        Hypothesis("older", "N", other="age", expect="negative", at_least=0.05),
        Hypothesis("women", "A", groups="gender", order=("2", "1"), at_least=0.2),
        Hypothesis("schooled", "O", other="education", at_least=0.05),
    ),
    anchor=Anchor("better"),
)
POPULATION = pd.DataFrame(
    {"variable": "gender", "group": ["1", "2"], "count": [500, 500]}
)


def whole(answers, **options):
    """The report, once it has been written in both forms."""
    report = validation_report(answers, **options)
    report.to_html()
    report.to_pdf()
    return report


def jittered(answers, rng, moved=0):
    noise = rng.choice([-1, 0, 0, 0, 1], answers.shape)
    return (answers + noise + moved).clip(1, 6)


@pytest.mark.slow
def test_bfi_has_every_section_but_those_of_content_and_of_criterion(rng):
    bfi = dataset("bfi")
    answers = bfi[BFI_ITEMS]
    better = pd.Series(rng.integers(0, 2, 400), answers.index[:400])
    keyed = np.where(np.isin(BFI_ITEMS, BFI_REVERSED), -1, 1)
    moved = better.to_numpy()[:, None] * keyed
    report = whole(
        answers,
        background=bfi[["gender", "age", "education"]],
        plan=PLAN,
        retest=Occasion(jittered(answers.head(300), rng)),
        follow_up=Occasion(
            jittered(answers.head(400), rng, moved), better.to_frame("better")
        ),
        population=POPULATION,
    )
    assert len(report.sections) == 18
    assessed = report.by_property()["conclusion"] != ""
    absent = report.by_property().index[~assessed].tolist()
    assert absent == ["Content validity", "Criterion validity"]


@pytest.mark.slow
def test_seventy_two_items_and_two_thousand_people_fit_their_structure(rng):
    loadings, phi = simple_structure(6, 12, loading=0.7, correlation=0.7)
    cuts = [-1.0, -0.3, 0.4, 1.1]
    drawn = draw(
        2000, rng=rng, loadings=loadings, factor_corr=phi, thresholds=cuts
    ).responses
    items = list(drawn.columns)
    scales = {f"s{k}": items[12 * k : 12 * k + 12] for k in range(6)}
    groups = pd.Series(rng.choice(["user", "carer"], 2000), drawn.index, name="who")
    report = whole(drawn, scales=scales, groups=groups)
    assert report.by_property().loc["Structural validity", "ours"] == "sufficient"
