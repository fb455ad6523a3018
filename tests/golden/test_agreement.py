"""Intraclass correlations, measurement error and kappas against psych, every cell."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import icc, test_retest, weighted_kappa
from tests.golden.agreement import compare
from tests.golden.reference import dataset, matrix, reference

POSITIVE = "calm secure at.ease rested comfortable confident relaxed content joyful"
NEGATIVE = "tense regretful upset worrying anxious nervous jittery high.strung worried"


def ratings_of(name):
    if name == "shrout_fleiss":
        return dataset(name)
    sai = dataset("sai_retest")
    totals = {}
    for occasion in ("t1", "t2"):
        up = sai[[f"{item}_{occasion}" for item in f"{NEGATIVE} rattled".split()]]
        down = sai[[f"{item}_{occasion}" for item in f"{POSITIVE} pleasant".split()]]
        totals[occasion] = up.sum(axis=1, skipna=False) + (5 - down).sum(
            axis=1, skipna=False
        )
    return pd.DataFrame(totals).dropna(how="all")  # psych counts no such row


@pytest.mark.parametrize("name", ["shrout_fleiss", "sai_total"])
@pytest.mark.parametrize(
    "key, near",
    # lme4 stops its search for the variances a little early.
    [("ICC_lmer_FALSE", 1e-10), ("ICC_lmer_TRUE", 5e-6)],
)
def test_intraclass_correlations_agree(name, key, near):
    results = reference(name, "icc")
    theirs, ours = results[key]["result"], icc(ratings_of(name))
    table = theirs["table"]
    for here, there in (
        ("icc", "ICC"),
        ("low", "lower bound"),
        ("high", "upper bound"),
    ):
        compare("icc", ours.table[here].to_numpy(), table[there], atol=near)
    compare("icc F", ours.table["F"].to_numpy(), table["F"], rtol=near)
    compare("icc F", ours.table["df1"].to_numpy(), table["df1"])
    compare("icc F", ours.table["df2"].to_numpy(), table["df2"])
    # A p value of 1e-153 moves by a factor where F moves in its sixth place.
    power = 1000 if name == "sai_total" else 10
    compare("icc p", ours.table["p"].to_numpy(), table["p"], rtol=near * power)
    assert (ours.n_targets, ours.n_raters) == (results["n"], results["k"])
    assert (theirs["n_obs"], theirs["n_judge"]) == (results["n"], results["k"])
    within = ours.anova.loc["within", "ms"]
    compare("icc anova", [within], [theirs["MS_within"]], rtol=near)
    if theirs["anova"]:
        check_anova(ours.anova, matrix(theirs["anova"]).to_numpy())


def check_anova(ours, theirs):
    rows = ours.loc[["targets", "raters", "residual"]].to_numpy()
    compare("icc anova", rows, theirs[:, :3], rtol=1e-10)
    ratios = rows[:2, 2] / rows[2, 2]
    compare("icc anova", ratios, theirs[:2, 3], rtol=1e-10)
    from scipy.stats import f

    p = f.sf(ratios, rows[:2, 0], rows[2, 0])
    compare("icc anova", p, theirs[:2, 4], rtol=1e-8)


@pytest.mark.parametrize("name", ["shrout_fleiss", "sai_total"])
def test_measurement_error_agrees(name):
    theirs, ours = reference(name, "icc")["sem_sdc_own_code"], icc(ratings_of(name))
    found = [
        *ours.anova["ms"],
        *ours.variance,
        ours.sem_agreement,
        ours.sem_consistency,
    ]
    names = "MSB MSJ MSE MSW var_person var_occasion var_error SEM_agreement"
    names = [*names.split(), "SEM_consistency"]
    compare("SEM", found, [theirs[key] for key in names], rtol=1e-10)
    person = 1.96 * np.sqrt(2)
    found = [
        person * ours.sem_agreement,
        person * ours.sem_consistency,
        person * ours.sem_agreement / np.sqrt(ours.n_targets),
    ]
    names = ["individual_agreement", "individual_consistency", "group_agreement"]
    compare("SDC", found, [theirs[f"SDC_{key}"] for key in names], rtol=1e-10)


def test_a_retest_agrees_in_error_and_limits():
    results, totals = reference("sai_total", "icc"), ratings_of("sai_total")
    ours = test_retest(totals["t1"], totals["t2"])
    theirs = results["sem_sdc_own_code"]
    names = ["SEM_agreement", "SDC_individual_agreement", "SDC_group_agreement"]
    found = [ours.sem, ours.sdc, ours.sdc_group]
    compare("retest", found, [theirs[key] for key in names], rtol=1e-10)
    names = ["SEM_consistency", "SDC_individual_consistency"]
    found = [ours.sem_consistency, ours.sdc_consistency]
    compare("retest", found, [theirs[key] for key in names], rtol=1e-10)
    theirs, limits = results["bland_altman_own_code"], ours.limits
    low, mean, high = limits.table["estimate"]
    expected = [theirs["mean_diff"], theirs["sd_diff"], *theirs["loa"]]
    compare("Bland-Altman", [mean, limits.sd, low, high], expected, rtol=1e-10)


@pytest.mark.parametrize("item", ["calm", "tense", "worried", "joyful"])
def test_kappas_agree(item):
    sai, results = dataset("sai_retest"), reference("sai_items", "kappa")
    a, b = sai[f"{item}_t1"], sai[f"{item}_t2"]
    theirs = results["quadratic"][item]["result"]
    plain = weighted_kappa(a, b, weights="none")
    squared = weighted_kappa(a, b)
    confid = matrix(theirs["confid"])
    interval = [plain.ci[0], plain.kappa, plain.ci[1]]
    compare("kappa", interval, confid.iloc[0], atol=1e-10)
    compare("kappa", [plain.kappa], [theirs["kappa"]], atol=1e-10)
    compare("kappa", [plain.se**2], [theirs["var_kappa"]], atol=1e-10)
    weighted = [theirs["weighted_kappa_quadratic"], confid.iloc[1, 1]]
    compare("weighted kappa", [squared.kappa] * 2, weighted, atol=1e-10)
    agree = matrix(theirs["agree"]).to_numpy()
    compare("kappa", plain.table / plain.n, agree, atol=1e-12)
    assert plain.n == theirs["n"]
    linear = results["linear"][item]["result"]
    ours = weighted_kappa(a, b, weights="linear")
    compare(
        "weighted kappa", [ours.kappa], [linear["weighted_kappa_linear"]], atol=1e-10
    )
    compare("kappa", ours.table, matrix(linear["table"]).to_numpy())


@pytest.mark.parametrize("item", ["calm", "tense", "worried", "joyful"])
def test_the_variance_of_weighted_kappa_is_the_jackknife_s_not_psych_s(item):
    # psych prints zero for "worried"; docs/methods/retest_and_change.md says why
    # ours differs. The infinitesimal jackknife uses no formula of Fleiss et al.
    sai = dataset("sai_retest")
    ours = weighted_kappa(sai[f"{item}_t1"], sai[f"{item}_t2"])
    counts, step = ours.table.to_numpy().astype(float), 1e-6
    from psychometrics.reliability.interrater import agreement_weights, kappa_of_counts

    weights = agreement_weights(ours.table.index.to_numpy(float), "quadratic")
    moved = np.zeros_like(counts)
    for cell in np.ndindex(counts.shape):
        up, down = counts.copy(), counts.copy()
        up[cell] += step
        down[cell] -= step
        moved[cell] = (
            kappa_of_counts(up, weights)[0] - kappa_of_counts(down, weights)[0]
        ) / (2 * step)
    variance = (counts * moved**2).sum()
    np.testing.assert_allclose(ours.se**2, variance, rtol=1e-5)
    theirs = reference("sai_items", "kappa")["quadratic"][item]["result"]
    assert abs(theirs["var_weighted"] / variance - 1) > 0.1
