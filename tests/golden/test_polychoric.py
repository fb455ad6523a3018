"""Correlations against lavaan, psych and base R, every cell."""

import numpy as np
import pytest

from psychometrics import pearson, polychoric, polychoric_pair, spearman
from psychometrics.correlation.cell_probabilities import cell_probabilities
from psychometrics.correlation.two_step_polychoric import fit_pairs
from psychometrics.responses import check_responses
from tests.golden.agreement import compare
from tests.golden.reference import BFI_ITEMS, dataset, matrix, reference

DATA = ("bfi", "acl", "science")
# psych finds each maximum by a search that stops at 6e-5; see the test of the
# likelihood below and docs/methods/correlation.md.
PSYCH = 2.1e-5


def answers_of(name):
    return dataset(name)[BFI_ITEMS] if name == "bfi" else dataset(name)


def node_of(name, key):
    """Return the result of one call, or its complete-case twin without missing."""
    results = reference(name, "polychoric")
    twin = key.replace("pairwise", "complete") if "lavaan" in key else key
    twin = key.replace("complete", "pairwise") if "psych" in key else twin
    return results.get(key, results.get(twin))["result"]


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("missing", ["pairwise", "complete"])
def test_polychorics_agree_with_lavaan(name, missing):
    ours = polychoric(answers_of(name), missing=missing)
    theirs = node_of(name, f"lavaan_two_step_{missing}")
    compare("polychoric (lavaan)", ours.corr, matrix(theirs["rho"]), atol=1e-6)
    thresholds = ours.thresholds.stack().to_numpy()
    compare("thresholds (lavaan)", thresholds, [*theirs["th"].values()], atol=1e-10)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("missing", ["pairwise", "complete"])
def test_polychorics_agree_with_psych(name, missing):
    ours = polychoric(answers_of(name), missing=missing)
    keys = [f"psych_correct0_{missing}"]
    if missing == "pairwise":
        keys.append("psych_default_correct.5")
    for key in keys:
        theirs = node_of(name, key)
        compare("polychoric (psych)", ours.corr, matrix(theirs["rho"]), atol=PSYCH)
        # psych leaves the gap of an unused lowest code in front, we at the end.
        tau = matrix(theirs["tau"]).stack().to_numpy()
        thresholds = ours.thresholds.stack().to_numpy()
        compare("thresholds (psych)", thresholds, tau, atol=1e-10)


@pytest.mark.parametrize("name", DATA)
def test_polychorics_with_own_thresholds_and_a_correction_agree_with_psych(name):
    theirs = matrix(node_of(name, "psych_global_FALSE_correct.5")["rho"])
    ours = polychoric(answers_of(name), thresholds="pair", correction=0.5)
    compare("polychoric (psych, own)", ours.corr, theirs, atol=PSYCH)


@pytest.mark.parametrize("name", DATA)
def test_our_likelihood_is_never_below_that_of_psych(name):
    checked = check_responses(answers_of(name))
    pairs = fit_pairs(checked.codes, [len(used) for used in checked.categories])
    theirs = matrix(node_of(name, "psych_correct0_pairwise")["rho"]).to_numpy()

    def log_likelihood(rho):
        cells = cell_probabilities(pairs.cuts_first, pairs.cuts_second, rho)
        return (pairs.tables * np.log(cells)).sum(axis=(1, 2))

    there = log_likelihood(theirs[pairs.first, pairs.second])
    assert (log_likelihood(pairs.rho) >= there - 1e-9).all()


@pytest.mark.parametrize("name", DATA)
def test_pearson_and_spearman_agree(name):
    answers, results = answers_of(name), reference(name, "polychoric")
    for missing in ("pairwise", "complete"):
        theirs = matrix(results[f"pearson_{missing}"]["result"])
        ours = pearson(answers, missing=missing).corr
        compare("Pearson", ours, theirs, atol=1e-12)
    theirs = matrix(results["spearman_complete"]["result"])
    ours = spearman(answers, missing="complete").corr
    compare("Spearman", ours, theirs, atol=1e-12)


def pairs_of(kind):
    return [
        (name, key)
        for name in DATA
        for key in reference_keys(name)
        if key.startswith(f"polycor_{kind}_")
    ]


def reference_keys(name):
    return reference(name, "polychoric")


def pair_of(name, key, kind):
    answers = answers_of(name).dropna()
    first = answers.columns[0]
    second = key.removeprefix(f"polycor_{kind}_{first}_")
    theirs = reference(name, "polychoric")[key]["result"]
    return answers[first], answers[second], theirs


@pytest.mark.parametrize("name, key", pairs_of("twostep"))
def test_two_step_pairs_agree_with_polycor(name, key):
    first, second, theirs = pair_of(name, key, "twostep")
    ours = polychoric_pair(first, second)
    # polycor's one-dimensional search stops at 1.2e-4 / 2.
    compare("polycor two-step", [ours.corr], [theirs["rho"]], atol=1e-4)
    compare("polycor two-step", [ours.se], [theirs["se"]], rtol=1e-4)
    compare("polycor two-step chi2", [ours.chi2], [theirs["chisq"]], atol=1e-4)
    assert ours.df == theirs["df"]
    for mine, there in (("first", "row"), ("second", "col")):
        cuts = getattr(ours, f"thresholds_{mine}")
        compare("polycor thresholds", cuts, theirs[f"{there}_cuts"], atol=1e-10)


@pytest.mark.parametrize("name, key", pairs_of("fullML"))
def test_joint_pairs_are_more_likely_than_where_polycor_stops(name, key):
    # polycor stops early: docs/methods/correlation.md. Ours is never less likely,
    # and its estimates lie within what is left of polycor's search.
    first, second, theirs = pair_of(name, key, "fullML")
    ours = polychoric_pair(first, second, joint=True)
    assert ours.chi2 <= theirs["chisq"] + 1e-6
    assert theirs["chisq"] - ours.chi2 < 0.05
    assert ours.df == theirs["df"]
    compare("polycor joint", [ours.corr], [theirs["rho"]], atol=4e-3)
    compare("polycor joint", [ours.se], [theirs["se"]], rtol=5e-3)
    for mine, there in (("first", "row"), ("second", "col")):
        cuts = getattr(ours, f"thresholds_{mine}")
        compare("polycor joint", cuts, theirs[f"{there}_cuts"], atol=6e-3)
