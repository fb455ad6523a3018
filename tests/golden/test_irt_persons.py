"""Person estimates, information and reliability against the reference."""

import numpy as np
import pytest

from tests.golden.agreement import compare
from tests.golden.irt_cases import CASES, UNSETTLED, calibrated, expected

BRIEF = 20  # persons that the reference lists


def tolerance(data, model):
    return 2e-3 if (data, model) in UNSETTLED else 1e-4


@pytest.mark.parametrize("method", ["EAP", "MAP", "WLE"])
@pytest.mark.parametrize("data, model", CASES)
def test_theta_and_its_error(data, model, method):
    found = calibrated(data, model).persons(method.lower()).to_frame()
    theirs = np.array(expected(data, model)[method]["first20"]["values"], float)
    atol = tolerance(data, model)
    compare(f"irt {method} theta", found["theta"][:BRIEF], theirs[:, 0], atol=atol)
    # the reference gives one sum score several errors under rsm: its own differences
    rtol = 1e-2 if (method, model) == ("WLE", "rsm") else 0.0
    compare(f"irt {method} se", found["se"][:BRIEF], theirs[:, 1], atol=atol, rtol=rtol)


@pytest.mark.parametrize("data, model", CASES)
def test_distribution_of_eaps(data, model):
    found, theirs = calibrated(data, model).persons(), expected(data, model)["EAP"]
    theta = found.theta
    ours = [theta.mean(), theta.std(), found.se.mean(), theta.min(), theta.max()]
    there = [theirs[name] for name in ("mean", "sd", "mean_se", "min", "max")]
    compare("irt EAP distribution", ours, there, atol=tolerance(data, model))


@pytest.mark.parametrize("data, model", CASES)
def test_information_and_expected_scores(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)
    information = ours.information(theirs["theta_grid"])
    atol = 10 * tolerance(data, model)
    items = np.array(theirs["item_info"]["values"], float)
    compare("irt item information", information[ours.items], items, atol=atol)
    compare("irt test information", information["test"], theirs["test_info"], atol=atol)
    scores = ours.expected_scores(theirs["theta_grid"])["test"]
    compare("irt expected score", scores, theirs["expected_test"], atol=atol)


@pytest.mark.parametrize("data, model", CASES)
def test_reliability(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)
    atol = tolerance(data, model)
    empirical = theirs["empirical_rxx"]["F1"]
    compare("irt reliability", [ours.persons().reliability], [empirical], atol=atol)
    if ours.latent.covariance[0, 0] == 1:
        marginal = ours.marginal_reliability()
        compare("irt reliability", [marginal], [theirs["marginal_rxx"]], atol=atol)


RASCH = [case for case in CASES if case[1] in ("Rasch", "rsm")]


@pytest.mark.parametrize("data, model", RASCH)
def test_reference_reliability_of_rasch_models_is_another_quantity(data, model):
    """It averages I / (I + variance) over N(0, 1): see docs/methods/irt.md."""
    ours = calibrated(data, model)
    nodes = ours.latent.nodes[:, 0]
    density = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()
    test = ours.information(nodes)["test"].to_numpy()
    found = density @ (test / (test + ours.latent.covariance[0, 0]))
    theirs = expected(data, model)["marginal_rxx"]
    compare("irt reliability", [found], [theirs], atol=1e-4)
