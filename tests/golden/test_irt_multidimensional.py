"""Two-dimensional and bifactor graded models against the reference.

The reference stopped at a change of 1e-4 in an EM step, short of the maximum: so our
likelihood may be higher, and is compared at the reference's own parameters as well.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.bifactor import grid_of
from psychometrics.irt.bifactor_likelihood import reduce_dimensions, split
from psychometrics.irt.em_quadrature import expectation
from tests.golden.agreement import compare
from tests.golden.reference import dataset, reference

EXTRAVERSION = [f"E{k}" for k in range(1, 6)]
NEUROTICISM = [f"N{k}" for k in range(1, 6)]
ITEMS = EXTRAVERSION + NEUROTICISM
PARTS = {"E": EXTRAVERSION, "N": NEUROTICISM}


@cache
def fitted(model):
    answers = dataset("bfi")[ITEMS].dropna()
    if model == "bifactor":
        return pm.bifactor_graded(answers, PARTS)
    return pm.multidimensional_graded(answers, PARTS)


@cache
def theirs(model):
    return reference("bfi_EN", "irt_multi")[model]["result"]


def slopes_and_intercepts(model):
    """The reference's parameters, each dimension turned to run our way."""
    values = np.array(theirs(model)["items_ad"]["values"], float)
    n = values.shape[1] - 5
    ours = fitted(model).parameters.slopes.to_numpy()
    signs = np.sign((values[:, :n] * ours).sum(axis=0))
    return values[:, :n] * signs, values[:, n:], signs


@pytest.mark.parametrize("model", ["confirmatory", "bifactor"])
def test_we_climb_at_least_as_high(model):
    ours = fitted(model)
    assert ours.n_parameters == theirs(model)["npar"]
    assert ours.gradient < 1e-4
    assert 0 <= ours.log_likelihood - theirs(model)["logLik"] < 0.02


def test_our_likelihood_at_the_parameters_of_the_confirmatory_reference():
    ours = fitted("confirmatory")
    slopes, intercepts, _ = slopes_and_intercepts("confirmatory")
    r = ours.latent.covariance[0, 1]
    nodes = ours.latent.nodes
    form = (nodes**2).sum(axis=1) - 2 * r * nodes[:, 0] * nodes[:, 1]
    log_weights = -form / (2 * (1 - r**2))
    log_weights -= np.log(np.exp(log_weights).sum())
    found = expectation("graded", nodes, ours.patterns, slopes, intercepts, log_weights)
    value = ours.patterns.counts @ found.log_likelihoods
    compare(
        "irt 2-dim likelihood", [value], [theirs("confirmatory")["logLik"]], atol=1e-3
    )


def test_our_likelihood_at_the_parameters_of_the_bifactor_reference():
    ours = fitted("bifactor")
    slopes, intercepts, _ = slopes_and_intercepts("bifactor")
    own = slopes[np.arange(10), 1 + ours.clusters]
    nodes, weights = ours.line
    found = reduce_dimensions(
        split(ours.patterns, ours.clusters),
        weights,
        grid_of(nodes),
        np.column_stack([slopes[:, 0], own]),
        intercepts,
    )
    value = ours.patterns.counts @ found.log_likelihoods
    compare(
        "irt bifactor likelihood", [value], [theirs("bifactor")["logLik"]], atol=1e-3
    )


@pytest.mark.parametrize("model, atol", [("confirmatory", 1e-2), ("bifactor", 5e-2)])
def test_parameters_up_to_where_the_reference_stopped(model, atol):
    ours = fitted(model)
    slopes, intercepts, _ = slopes_and_intercepts(model)
    compare(f"irt {model} slopes", ours.parameters.slopes, slopes, atol=atol)
    compare(f"irt {model} intercepts", ours.intercepts, intercepts, atol=atol)


def test_correlation_of_the_dimensions():
    ours = fitted("confirmatory").latent.covariance
    there = np.array(theirs("confirmatory")["latent_cov"]["values"], float)
    compare("irt 2-dim correlation", ours, there, atol=1e-3)


@pytest.mark.parametrize("model", ["confirmatory", "bifactor"])
def test_eap_at_the_parameters_of_the_reference(model):
    ours = fitted(model)
    slopes, intercepts, signs = slopes_and_intercepts(model)
    frames = ours.parameters
    parameters = replace(
        frames,
        slopes=pd.DataFrame(slopes, frames.items, frames.slopes.columns),
        intercepts=pd.DataFrame(intercepts, frames.items, frames.intercepts.columns),
    )
    found = replace(ours, parameters=parameters).persons().to_frame()[:20].to_numpy()
    there = np.array(theirs(model)["EAP_first20"]["values"], float)
    n = len(signs)
    compare(f"irt {model} EAP", found[:, :n], there[:, :n] * signs, atol=2e-2)
    compare(f"irt {model} EAP se", found[:, n:], there[:, n:], atol=2e-2)


@pytest.mark.parametrize("model", ["confirmatory", "bifactor"])
def test_overall_fit(model):
    found = fitted(model).model_fit().to_frame().loc["C2"]
    names = {
        "M2": "statistic",
        "df": "df",
        "p": "p",
        "RMSEA": "rmsea",
        "RMSEA_5": "rmsea_5",
        "RMSEA_95": "rmsea_95",
        "SRMSR": "srmsr",
        "TLI": "tli",
        "CFI": "cfi",
    }
    for there, ours in names.items():
        node = theirs(model)["C2"][there]
        compare(f"irt {model} C2", [found[ours]], node, rtol=1e-2, atol=1e-6)
