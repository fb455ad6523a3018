"""HTMT, extracted variance and composite reliability against semTools, every cell."""

import pandas as pd
import pytest

from psychometrics import (
    ReversedItemWarning,
    composite_reliability,
    confirm,
    cronbach_alpha,
    htmt,
    model_composites,
    pearson,
    polychoric,
)
from psychometrics.reliability.alpha import alpha_of
from tests.golden.agreement import compare
from tests.golden.reference import dataset, matrix, reference

# Loadings are lavaan's own, of a fit with another scaling of the factors: what is
# left is how far either of its searches went.
FITS = 2e-5


def model_of(name, estimator):
    results = reference(name, "cfa_correlated")
    rows = pd.DataFrame(results[estimator]["result"]["estimates"])
    loading = rows[rows["op"] == "=~"]
    factors = list(dict.fromkeys(loading["lhs"]))
    loadings = loading.pivot(index="rhs", columns="lhs", values="est")
    loadings = loadings.loc[results["items"], factors].fillna(0)
    spread = rows[rows["op"] == "~~"].set_index(["lhs", "rhs"])["est"]
    cov = pd.DataFrame(index=factors, columns=factors, dtype=float)
    for a, b in spread.index:
        if a in factors:
            cov.loc[a, b] = cov.loc[b, a] = spread[a, b]
    residual = pd.Series({item: spread[item, item] for item in loadings.index})
    scales = {f: [*loadings.index[loadings[f] != 0]] for f in factors}
    return loadings, cov, residual, scales


def answers_of(name, items):
    return dataset(name)[items].dropna()


@pytest.mark.parametrize("name", ["hs1939", "bfi"])
def test_heterotrait_monotrait_ratios_agree(name):
    results = reference(name, "validity")
    loadings, _, _, scales = model_of(name, "ML")
    corr = pearson(answers_of(name, loadings.index)).corr
    for key, geometric in (("htmt_arithmetic", False), ("htmt2_geometric", True)):
        ours = htmt(corr, scales, geometric=geometric).ratios
        compare("HTMT", ours, matrix(results[key]["result"]), atol=1e-10)


def test_ratios_of_polychorics_agree():
    loadings, _, _, scales = model_of("bfi", "ML")
    corr = polychoric(answers_of("bfi", loadings.index)).corr
    theirs = matrix(reference("bfi", "validity")["htmt_polychoric"]["result"])
    compare("HTMT (polychoric)", htmt(corr, scales).ratios, theirs, atol=1e-6)


@pytest.mark.parametrize("name", ["hs1939", "bfi"])
def test_composite_reliability_agrees(name):
    results = reference(name, "validity")
    loadings, cov, residual, scales = model_of(name, "ML")
    answers = answers_of(name, loadings.index)
    table = composite_reliability(
        loadings, cov, residual, observed=answers.cov(ddof=0)
    ).table
    alphas = [alpha_of(answers[items].cov().to_numpy()) for items in scales.values()]
    ours = table.assign(alpha=alphas)
    for key, column in (
        ("AVE", "ave"),
        ("compRel", "composite_observed"),
        ("compRel_obs_var_FALSE", "composite"),
        ("compRel_tau_eq", "alpha"),
    ):
        theirs = pd.Series(results[key]["result"])
        compare("composite reliability", ours[column], theirs, atol=FITS)
    theirs = matrix(results["reliability"]["result"]).T
    rows = ["alpha", "composite", "composite", "composite_observed", "ave"]
    expected = theirs[["alpha", "omega", "omega2", "omega3", "avevar"]].to_numpy()
    compare("composite reliability", ours[rows].to_numpy(), expected, atol=FITS)


def test_ordinal_reliability_agrees():
    results = reference("bfi", "validity")
    loadings, cov, residual, scales = model_of("bfi", "WLSMV")
    answers = answers_of("bfi", loadings.index)
    found = polychoric(answers)
    table = composite_reliability(
        loadings, cov, residual, observed=found.corr, thresholds=found.thresholds
    ).table
    # R was given the items unreversed
    with pytest.warns(ReversedItemWarning, match="negative correlation"):
        ours = table.assign(
            alpha=[cronbach_alpha(answers[items]).alpha for items in scales.values()],
            ordinal=[
                cronbach_alpha(answers[items], ordinal=True).alpha
                for items in scales.values()
            ],
        )
    for key, column in (
        ("AVE_ordinal", "ave"),
        ("compRel_ordinal_scale", "composite_observed"),
        ("compRel_ordinal_latent", "latent_observed"),
        ("compRel_ordinal_tau_eq", "ordinal"),
    ):
        theirs = pd.Series(results[key]["result"])
        compare("ordinal reliability", ours[column], theirs, atol=FITS)
    rows = ["alpha", "ordinal", "composite", "composite", "composite_observed", "ave"]
    theirs = matrix(results["reliability_ordinal"]["result"]).to_numpy().T
    compare("ordinal reliability", ours[rows].to_numpy(), theirs, atol=FITS)


@pytest.mark.parametrize(
    "name, estimator, keys",
    [
        ("hs1939", "ml", ("AVE", "compRel", "compRel_obs_var_FALSE")),
        ("bfi", "wlsmv", ("AVE_ordinal", "compRel_ordinal_scale", None)),
    ],
)
def test_reliability_straight_from_a_fitted_model_agrees(name, estimator, keys):
    results = reference(name, "validity")
    items = reference(name, "cfa_correlated")["items"]
    answers = answers_of(name, items)
    fitted = confirm(results["model_syntax"], answers, estimator=estimator)
    table = model_composites(fitted, responses=answers).table
    for key, column in zip(keys, ("ave", "composite_observed", "composite")):
        if key:
            theirs = pd.Series(results[key]["result"])
            compare("composite of a model", table[column], theirs, atol=FITS)
