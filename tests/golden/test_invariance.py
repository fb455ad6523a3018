"""Every cell of the invariance references: continuous and ordinal ladders."""

import functools

import numpy as np
import pytest

from psychometrics import confirm, invariance
from psychometrics.cfa import compare_nested
from tests.golden.agreement import compare
from tests.golden.lavaan import estimate_pair, fit_pair, lavaan_name
from tests.golden.reference import dataset, matrix, reference

CONTINUOUS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "means": ("loadings", "intercepts", "residuals", "means"),
}
ORDINAL = ("thresholds", "loadings", "intercepts", "residuals")
PLAIN = {"configural": (), "scalar": ("thresholds", "loadings")}


DATA = {"hs1939": "school", "bfi14_gender": "gender"}


@functools.cache
def continuous(data, estimator, step):
    results = reference(data, "invariance_continuous")
    answers = dataset("hs1939") if data == "hs1939" else bfi14()[1]
    groups = DATA[data]
    answers = answers[[*results["items"], groups]].dropna()
    if data == "bfi14_gender":
        answers = answers.sort_values(groups, kind="stable")  # its groups: 1, then 2
    return confirm(
        results["model_syntax"],
        answers,
        estimator=estimator,
        groups=groups,
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
@pytest.mark.parametrize("data", DATA)
def test_each_continuous_step_agrees_with_lavaan(data, estimator, step):
    results = reference(data, "invariance_continuous")
    node = results[f"{estimator.upper()}_{step}"]["result"]
    fitted = continuous(data, estimator, step)
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
@pytest.mark.parametrize("data", DATA)
def test_continuous_difference_tests_agree_with_lavaan(data, estimator):
    results = reference(data, "invariance_continuous")
    table = results[f"{estimator.upper()}_lavTestLRT"]["result"]["table"]
    fits = {step: continuous(data, estimator, step) for step in CONTINUOUS}
    ours = compare_nested(fits).to_frame()
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
    for name, column in (("aic", "AIC"), ("bic", "BIC")):
        theirs = np.array(table[column], float)
        ours = [fit.fit[name] for fit in fits.values()]
        compare(f"groups {estimator}, criteria", ours, theirs, atol=1e-3)


@pytest.mark.parametrize("estimator", ["ml", "mlr"])
@pytest.mark.parametrize("data", DATA)
def test_the_table_of_continuous_steps_agrees_with_lavaan(data, estimator):
    node = reference(data, "invariance_continuous")[f"{estimator.upper()}_fit_deltas"]
    theirs = matrix(node)
    for step, row in theirs.iterrows():
        compare_fit_row(f"groups {estimator}", continuous(data, estimator, step), row)


def test_the_table_of_ordinal_steps_agrees_with_semtools():
    theirs = matrix(reference("bfi14_gender", "invariance_ordinal")["fit_table"])
    for step, row in theirs.drop(columns="cfi.robust").iterrows():
        compare_fit_row("Wu-Estabrook", ladder().model(step), row)


def compare_fit_row(label, fitted, row):
    ours = {lavaan_name(name): value for name, value in fitted.fit.items()}
    ours |= {"df.scaled": fitted.fit["df"]}
    row = row.dropna()
    mine = np.array([ours[name] for name in row.index])
    compare(f"{label}, fit", mine, row.to_numpy(float), atol=5e-4, rtol=1e-4)


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


@pytest.mark.parametrize("name", ["configural", "plain_configural"])
def test_robust_indices_of_groups_agree_with_the_baseline_weighted_as_lavaans(name):
    node = reference("bfi14_gender", "invariance_ordinal")[name]["result"]["fit"]
    fitted = plain("configural") if "plain" in name else ladder().model("configural")
    noise = weighted = base = 0.0
    for m in fitted.evidence.problem.moments:
        spread = np.trace(m.gamma[m.n_thresholds :, m.n_thresholds :])
        noise, weighted = noise + spread, weighted + spread * fitted.n / m.n
        base -= m.n * np.linalg.slogdet(m.corr)[1]
    gain = (1 - fitted.fit["rni_robust"]) * (base - noise)
    ratio = gain / (base - weighted)
    tli = 1 - ratio * fitted.fit["baseline_df"] / fitted.fit["df"]
    theirs = [node[f"{index}.robust"] for index in ("cfi", "rni", "tli")]
    ours = [1 - ratio, 1 - ratio, tli]
    compare("robust indices of groups", ours, theirs, atol=1e-5)


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
