"""Item statistics and alpha against psych, every cell."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    cronbach_alpha,
    describe_items,
    guttman_lambdas,
    pearson,
    split_half,
)
from psychometrics.items.descriptives import kurtosis, skewness
from tests.golden.agreement import compare
from tests.golden.reference import dataset, reference

ENDS = {"bfi": (1, 6), "acl": (0, 4), "science": (1, 4)}
SCALES = [
    *(("bfi", scale) for scale in "ACENO"),
    ("acl", "communality"),
    ("science", "science"),
]
FIGURES = {
    "raw_alpha": "alpha",
    "std.alpha": "standardized",
    "G6(smc)": "lambda6",
    "average_r": "average_r",
    "S/N": "signal_noise",
    "ase": "se",
    "alpha se": "se",
    "median_r": "median_r",
    "var.r": "var_r",
    "med.r": "median_r",
}
TOTALS = {
    "n": "n",
    "raw.r": "raw_r",
    "std.r": "std_r",
    "r.cor": "r_cor",
    "r.drop": "r_drop",
    "mean": "mean",
    "sd": "sd",
}


def keyed(name, scale):
    node = reference(name, "classical")["scales"][scale]
    answers = dataset(name)[node["items"]].copy()
    for item, key in zip(node["items"], node["keys"]):
        if key < 0:
            answers[item] = sum(ENDS[name]) - answers[item]
    return node, answers


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_item_statistics_agree(name, kind):
    theirs = pd.DataFrame(reference(name, "classical")["descriptives"]).T
    low, high = ENDS[name]
    ours = describe_items(
        dataset(name)[theirs.index], lowest=low, highest=high, kind=kind
    )
    frame = ours.to_frame()
    for mine, name_there in (
        *((same, same) for same in ("n", "missing", "mean", "sd", "median")),
        ("skew", f"skew_type{kind}"),
        ("kurtosis", f"kurtosis_type{kind}"),
    ):
        column = theirs[name_there].astype(float)
        compare("item statistics", frame[mine], column, atol=1e-10)
    for mine in ("floor", "ceiling"):
        column = theirs[f"{mine}_pct"].astype(float)
        compare("item statistics", frame[mine] * 100, column, atol=1e-10)
    counts = pd.DataFrame(theirs["frequencies"].to_dict()).T.rename(columns=int)
    compare("item statistics", ours.frequencies, counts)


@pytest.mark.parametrize("name, scale", SCALES)
@pytest.mark.parametrize("missing", ["pairwise", "complete"])
def test_alpha_and_its_tables_agree(name, scale, missing):
    node, answers = keyed(name, scale)
    part = node["pairwise" if missing == "pairwise" else "complete_cases"]["result"]
    # psych's complete-case figures are alpha() of the complete rows.
    ours = cronbach_alpha(answers, missing=missing)
    for there, here in FIGURES.items():
        if there in part["total"]:
            theirs = part["total"][there]
            compare("alpha", [getattr(ours, here)], theirs, atol=1e-10)
    assert ours.n == part["n"] and ours.n_complete == part["n_complete"]
    scores = answers.dropna().mean(axis=1) if missing == "complete" else answers.mean(1)
    compare("alpha", [scores.mean()], part["total"]["mean"], atol=1e-10)
    compare("alpha", [scores.std()], part["total"]["sd"], atol=1e-10)
    for there, here in FIGURES.items():
        if there in part["alpha_if_dropped"]:
            theirs = part["alpha_if_dropped"][there]
            compare("alpha if dropped", ours.if_dropped[here], theirs, atol=1e-10)
    for there, here in TOTALS.items():
        compare(
            "item-total", ours.item_stats[here], part["item_stats"][there], atol=1e-10
        )
    feldt = part["feldt_ci"]
    compare("Feldt", ours.ci, [feldt["lower.ci"], feldt["upper.ci"]], atol=1e-10)
    compare("Feldt", [ours.alpha], [feldt["alpha"]], atol=1e-10)
    parallel = ours.alpha / (ours.n_items - (ours.n_items - 1) * ours.alpha)
    compare("Feldt", [parallel], [feldt["r.bar"]], atol=1e-10)


@pytest.mark.parametrize("name, scale", SCALES)
def test_complete_case_figures_agree(name, scale):
    node, answers = keyed(name, scale)
    complete = answers.dropna()
    ours = cronbach_alpha(complete)
    theirs = node["feldt_complete"]
    compare(
        "Feldt",
        [ours.alpha, *ours.ci, ours.n, ours.n_items],
        [theirs[key] for key in ("alpha", "lower", "upper", "n", "k")],
        atol=1e-10,
    )
    rest = describe_items(complete).to_frame()["item_rest"]
    compare("item-rest", rest, pd.Series(node["item_rest_r_complete"]), atol=1e-10)
    inter = node["inter_item_r_complete"]["values"]
    compare("inter-item", pearson(complete).corr, np.array(inter), atol=1e-10)
    compare("lambda 6", [ours.lambda6], [node["lambda6_complete"]], atol=1e-10)
    total, expected = complete.sum(axis=1).to_numpy(), node["sum_score_complete"]
    found = [total.mean(), total.std(ddof=1), skewness(total), kurtosis(total)]
    names = ("mean", "sd", "skew_type3", "kurtosis_type3")
    compare("sum score", found, [expected[key] for key in names], atol=1e-10)


@pytest.mark.parametrize("name, scale", SCALES)
def test_split_halves_agree(name, scale):
    node, answers = keyed(name, scale)
    theirs = node["split_half"]["result"]
    ours = split_half(answers, standardized=True)
    found = ours.splits["reliability"]
    if len(node["items"]) % 2:
        # psych tries the first half of the splits alone when items are odd in
        # number; docs/methods/reliability.md.
        found = found[: len(found) // 2]
    names = ("maxrb", "minrb", "meanr")
    halves = [found.max(), found.min(), found.mean()]
    compare("split half", halves, [theirs[key] for key in names], atol=1e-10)
    lambdas = guttman_lambdas(answers, standardized=True).lambdas
    names = ("alpha", "lambda2", "lambda6")
    bounds = lambdas[["lambda3", "lambda2", "lambda6"]].to_numpy()
    compare("lambdas", bounds, [theirs[key] for key in names], atol=1e-10)
    inter = pearson(answers, missing="complete").corr.to_numpy()
    below = inter[np.tril_indices(len(inter), -1)]
    average = [below.mean(), np.median(below)]
    compare("split half", average, [theirs["av.r"], theirs["med.r"]], atol=1e-10)
