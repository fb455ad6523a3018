"""Every cell of the invariance references: continuous and ordinal ladders."""

import functools

import numpy as np
import pytest

from psychometrics import confirm, invariance
from psychometrics.cfa import compare_nested
from tests.golden.agreement import compare
from tests.golden.lavaan import estimate_pair, fit_pair
from tests.golden.reference import dataset, reference

CONTINUOUS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "means": ("loadings", "intercepts", "residuals", "means"),
}
ORDINAL = ("thresholds", "loadings", "intercepts", "residuals")
PLAIN = {"configural": (), "scalar": ("thresholds", "loadings")}


@functools.cache
def continuous(estimator, step):
    results = reference("hs1939", "invariance_continuous")
    return confirm(
        results["model_syntax"],
        dataset("hs1939"),
        estimator=estimator,
        groups="school",
        equal=CONTINUOUS[step],
    )


def bfi14():
    results = reference("bfi14_gender", "invariance_ordinal")
    answers = dataset("bfi")[[*results["items"], "gender"]].dropna()
    return results["model_syntax"], answers


@functools.cache
def ladder():
    return invariance(*bfi14(), "gender")


@functools.cache
def plain(step):
    return confirm(*bfi14(), groups="gender", equal=PLAIN[step], std_lv=True)


def check_cells(label, fitted, node, tight, skipped=()):
    for which in ("estimates", "standardized"):
        ours, theirs = estimate_pair(fitted, node, which)
        compare(f"{label}, {which}", ours[:, 0], theirs[:, 0], atol=tight)
        compare(f"{label}, errors", ours[:, 1], theirs[:, 1], atol=1e-6, rtol=tight)
        known = ~np.isnan(theirs[:, 2])
        compare(
            f"{label}, z, p, limits",
            ours[known, 2:],
            theirs[known, 2:],
            atol=tight,
            rtol=tight,
        )
    ours, theirs = fit_pair(fitted, node)
    kept = [name for name in theirs.index if name not in skipped]
    compare(f"{label}, fit", ours[kept], theirs[kept], atol=5e-4, rtol=1e-4)


@pytest.mark.parametrize("step", CONTINUOUS)
@pytest.mark.parametrize("estimator", ["ml", "mlr"])
def test_each_continuous_step_agrees_with_lavaan(estimator, step):
    results = reference("hs1939", "invariance_continuous")
    node = results[f"{estimator.upper()}_{step}"]["result"]
    fitted = continuous(estimator, step)
    check_cells(
        f"groups {estimator}", fitted, node, 1e-4, skipped=("scaling.factor.h0",)
    )
    if estimator == "mlr":
        # lavaan divides by the parameters before equality: docs/methods/invariance.md
        rows = fitted.table.frame
        unequal = int((rows["free"] > 0).sum())
        ours = fitted.fit["scaling_factor_h0"] * fitted.table.n_free / unequal
        compare("groups mlr, h0", [ours], [node["fit"]["scaling.factor.h0"]], rtol=1e-4)


@pytest.mark.parametrize("estimator", ["ml", "mlr"])
def test_continuous_difference_tests_agree_with_lavaan(estimator):
    results = reference("hs1939", "invariance_continuous")
    table = results[f"{estimator.upper()}_lavTestLRT"]["result"]["table"]
    ours = compare_nested({s: continuous(estimator, s) for s in CONTINUOUS}).to_frame()
    for name, column in (
        ("chi2", "Chisq"),
        ("df", "Df"),
        ("difference", "Chisq diff"),
        ("df_difference", "Df diff"),
    ):
        theirs = np.array(table[column], float)
        compare(f"difference test {estimator}", ours[name], theirs, rtol=1e-4)
    theirs = np.array(table["Pr(>Chisq)"], float)
    compare(f"difference test {estimator}, p", ours["p"], theirs, atol=1e-4)


@pytest.mark.parametrize("step", ["configural", *ORDINAL])
def test_each_ordinal_step_agrees_with_semtools(step):
    node = reference("bfi14_gender", "invariance_ordinal")[step]["result"]
    # the baseline of the robust indices differs: docs/methods/invariance.md
    skipped = ("cfi.robust", "tli.robust", "rni.robust")
    check_cells("Wu-Estabrook", ladder().model(step), node, 1e-3, skipped)


@pytest.mark.parametrize("step", PLAIN)
def test_plain_ordinal_groups_agree_with_lavaan(step):
    node = reference("bfi14_gender", "invariance_ordinal")[f"plain_{step}"]["result"]
    skipped = ("cfi.robust", "tli.robust", "rni.robust")
    check_cells("ordinal groups", plain(step), node, 1e-3, skipped)


def test_robust_cfi_of_groups_agrees_once_the_baseline_is_weighted_as_lavaan_does():
    node = reference("bfi14_gender", "invariance_ordinal")["plain_configural"]
    fitted = plain("configural")
    ours, theirs = fitted.fit["cfi_robust"], node["result"]["fit"]["cfi.robust"]
    noise = weighted = base = 0.0
    for m in fitted.evidence.problem.moments:
        spread = np.trace(m.gamma[m.n_thresholds :, m.n_thresholds :])
        noise, weighted = noise + spread, weighted + spread * fitted.n / m.n
        base -= m.n * np.linalg.slogdet(m.corr)[1]
    gain = (1 - ours) * (base - noise)
    compare("robust CFI", [1 - gain / (base - weighted)], [theirs], atol=1e-5)


def test_ordinal_difference_tests_agree_with_lavaan():
    results = reference("bfi14_gender", "invariance_ordinal")
    ours = ladder().to_frame()
    theirs = results["lavTestLRT"]["result"]["table"]
    steps = slice(1, None)
    difference = np.array(theirs["Chisq diff"], float)[steps]
    compare("Satorra 2000", ours["difference"][steps], difference, rtol=1e-3)
    p = np.array(theirs["Pr(>Chisq)"], float)[steps]
    compare("Satorra 2000, p", ours["p"][steps], p, atol=1e-4)
    one = compare_nested({step: plain(step) for step in PLAIN}).to_frame()
    theirs = results["plain_lavTestLRT"]["result"]["table"]["Chisq diff"][1]
    compare("Satorra 2000", [one["difference"].iloc[1]], [theirs], rtol=1e-3)
