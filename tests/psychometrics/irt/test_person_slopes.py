"""Derivatives of persons' likelihoods, from the chosen categories alone."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import ItemParameters
from psychometrics.irt import models
from psychometrics.irt.person_slopes import category_shares, likelihood_slopes

MODELS = ("graded", "gpcm", "nominal")
NAMES = ("first", "second", "information", "skew")


def case(model, steeper=1.0):
    """Parameters, answers of which some are missing, and a theta for each person."""
    rng = np.random.default_rng(7)
    intercepts = -np.sort(rng.normal(0, 1.5, (5, 3)), axis=1)
    intercepts[0, -1] = np.nan
    slopes = rng.uniform(0.5, 2.0, (5, 3 if model == "nominal" else 1))
    names = [f"q{j}" for j in range(5)]
    known = {name: np.arange(3 if name == "q0" else 4) for name in names}
    parameters = ItemParameters(
        model=model,
        slopes=pd.DataFrame(steeper * slopes, index=names),
        intercepts=pd.DataFrame(steeper * intercepts, index=names),
        categories=known,
    )
    codes = np.minimum(rng.integers(-1, 4, (40, 5)), [2, 3, 3, 3, 3])
    return parameters, codes, rng.uniform(-4, 4, 40)


def from_curves(parameters, codes, theta):
    """The same four sums from the derivatives of every category."""
    found = models.theta_derivatives(parameters.model, theta, *parameters.arrays)
    p = models.category_probabilities(parameters.model, theta, *parameters.arrays)
    _, first, second = found
    seen, chosen = (codes >= 0).T, np.maximum(codes, 0).T[:, None]
    own = [np.take_along_axis(part, chosen, 1)[:, 0] for part in (first, second)]
    moments = (p * first**2).sum(axis=1), (p * first * (second + first**2)).sum(axis=1)
    return [(part * seen).sum(axis=0) for part in (*own, *moments)]


@pytest.mark.parametrize("model", MODELS)
def test_slopes_are_the_sums_of_the_chosen_categories_derivatives(model):
    parameters, codes, theta = case(model)
    found = likelihood_slopes(parameters, codes, theta, expected=True)
    for name, value in zip(NAMES, from_curves(parameters, codes, theta)):
        assert getattr(found, name) == pytest.approx(value, rel=1e-9, abs=1e-10), name


def test_slopes_too_steep_for_a_product_of_exponentials_are_right():
    parameters, codes, theta = case("graded", steeper=20.0)
    near = likelihood_slopes(parameters, codes, theta / 20, expected=True)
    # one person far away, and nobody's odds can be a product any more
    codes, theta = np.vstack([codes, codes[:1]]), np.append(theta / 20, 12.0)
    found = likelihood_slopes(parameters, codes, theta, expected=True)
    for name in NAMES:
        assert np.isfinite(getattr(found, name)).all()
        assert getattr(found, name)[:-1] == pytest.approx(getattr(near, name), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_shares_are_the_probabilities_of_the_categories(model):
    parameters, _, theta = case(model)
    known = models.category_probabilities(model, theta, *parameters.arrays)
    shares = np.stack(category_shares(parameters, theta))
    assert shares.transpose(2, 0, 1) == pytest.approx(known, rel=1e-10, abs=1e-13)
