"""The ladder over occasions against lavaan's fits of the same models, every cell."""

import functools
import hashlib
from pathlib import Path

import pandas as pd
import pytest
import yaml

from psychometrics import longitudinal_invariance
from tests.golden.agreement import compare

CASE = Path(__file__).parent / "over_time"
STEPS = ("configural", "thresholds", "loadings", "intercepts", "residuals")
NAMES = {
    "chisq": "chi2",
    "df": "df",
    "chisq.scaled": "chi2_scaled",
    "cfi.scaled": "cfi_scaled",
    "tli.scaled": "tli_scaled",
    "rmsea.scaled": "rmsea_scaled",
    "srmr": "srmr",
}


@functools.cache
def ladder():
    answers = pd.read_csv(CASE / "input.csv")
    return longitudinal_invariance({"f": ["a", "b", "c", "d"]}, answers, ["t1", "t2"])


def test_the_input_is_the_one_that_the_expected_values_were_made_from():
    said = yaml.safe_load((CASE / "provenance.yaml").read_text())
    digest = hashlib.sha256((CASE / "input.csv").read_bytes()).hexdigest()
    assert digest == said["input_sha256"]


def _arrays(ours, theirs, column):
    return ours[column].to_numpy(), theirs[column].to_numpy(float)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_over_time_agrees_with_lavaan(step):
    fitted = ladder().model(step)
    assert fitted.model == (CASE / f"{step}.txt").read_text().strip()
    theirs = pd.read_csv(CASE / f"{step}.csv", keep_default_na=False)
    keys = [(r.op, *sorted((r.lhs, r.rhs))) for r in fitted.estimates.itertuples()]
    ours = fitted.estimates.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)
    asked = [(r.op, *sorted((r.lhs, r.rhs))) for r in theirs.itertuples()]
    ours = ours.loc[pd.Index(asked, tupleize_cols=False)]
    compare("over time, estimates", *_arrays(ours, theirs, "est"), atol=1e-3)
    compare("over time, errors", *_arrays(ours, theirs, "se"), atol=1e-6, rtol=1e-3)
    fit = pd.read_csv(CASE / "fit.csv", index_col=0).loc[step]
    ours = fitted.fit[list(NAMES.values())]
    theirs = fit[list(NAMES)].to_numpy()
    compare("over time, fit", ours.to_numpy(), theirs, atol=5e-4, rtol=1e-3)


def test_differences_over_time_agree_with_lavaan():
    theirs = pd.read_csv(CASE / "difference.csv", index_col=0, skipinitialspace=True)
    ours = ladder().to_frame()[["difference", "df_difference", "p"]].to_numpy()
    theirs = theirs.to_numpy()
    compare("over time, differences", ours, theirs, atol=1e-4, rtol=1e-3)
