"""What stands beside tests: omega, effects on the score, the scale's own persons."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.report.sections.consistency import consistency
from psychometrics.report.sections.differential import differential
from psychometrics.report.sections.response_fit import response_fit
from psychometrics.report.study import prepare_study

# nobody of scale B, and the report says so
pytestmark = pytest.mark.filterwarnings("ignore:180 of 620 rows")
SCALES = {"A": [f"i{k}" for k in range(1, 5)], "B": [f"i{k}" for k in range(5, 9)]}


@pytest.fixture(scope="module")
def study():
    """620 persons; the last 180 answered nothing of B; i1 is harder for carers."""
    loadings, phi = pm.simulate.simple_structure(2, 4, loading=0.7)
    made = pm.simulate.responses(
        620, rng=4, loadings=loadings, factor_corr=phi, thresholds=(-1, 0, 1), lowest=1
    )
    answers = made.responses.astype(float).set_axis(sum(SCALES.values(), []), axis=1)
    side = pd.Series(np.where(np.arange(620) % 2, "user", "carer"), answers.index)
    answers["i1"] = (answers["i1"] - (side == "carer")).clip(lower=1)
    answers.iloc[440:, 4:] = np.nan
    return prepare_study(answers, SCALES, groups=side.rename("side"), categories=(1, 4))


def frame_of(section, name):
    return next(table.frame for table in section.tables if table.name == name)


def test_omega_stands_beside_alpha_with_its_interval(study):
    shown = frame_of(consistency(study, ()), "Reliability").loc["A"]
    ours = pm.mcdonald_omega(study.scale_frame("A"), ordinal=True)
    assert shown["omega"] == ours.omega
    assert (shown["omega lower"], shown["omega upper"]) == ours.ci


def test_a_scale_is_judged_by_the_persons_who_answered_it(study):
    sizes = {
        "consistency": consistency(study, ()).adequacy.n,
        "response_fit": response_fit(study, ()).adequacy.n,
        "differential": differential(study, ()).adequacy.n,
    }
    assert sizes == {"consistency": 440, "response_fit": 440, "differential": 220}


def test_differences_of_items_are_added_up_in_points_of_the_score(study):
    section = differential(study, ())
    points = frame_of(section, "Effect on the score")
    items = frame_of(section, "Differential item functioning")
    own = items[items["scale"] == "A"]
    for name in ("signed", "unsigned"):
        expected = 100 * own[f"{name}_difference"].sum() / (4 * 3)
        assert points.loc["A", name] == pytest.approx(expected)
    assert (points["unsigned"] >= points["signed"].abs()).all()
    assert points.loc["A", "unsigned"] > points.loc["B", "unsigned"]
