"""Marginal calibrations against the reference: every parameter and standard error."""

import numpy as np
import pytest

from tests.golden.agreement import compare
from tests.golden.irt_cases import (
    CASES,
    SETTLED,
    UNSETTLED,
    answers,
    calibrated,
    expected,
    steps,
)

RASCH = ("Rasch", "rsm")


@pytest.mark.parametrize("data, model", CASES)
def test_persons_and_parameters_are_counted_alike(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)
    assert ours.n_parameters == theirs["npar"]
    assert ours.n_persons == len(answers(data))


@pytest.mark.parametrize("data, model", SETTLED)
def test_log_likelihood_and_criteria(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)
    found = [ours.log_likelihood, ours.aic, ours.bic, ours.sabic]
    there = [theirs[name] for name in ("logLik", "AIC", "BIC", "SABIC")]
    compare("irt log-likelihood", found, there, atol=1e-4)


@pytest.mark.parametrize("data, model", SETTLED)
def test_deviance_from_the_saturated_table(data, model):
    """None with missing answers, on both sides."""
    theirs = expected(data, model)["G2"]
    there = np.nan if theirs is None else theirs
    compare("irt G2", [calibrated(data, model).g2], [there], rtol=1e-4)


@pytest.mark.parametrize("data, model", sorted(UNSETTLED))
def test_we_climb_at_least_as_high_where_the_reference_did_not_settle(data, model):
    assert calibrated(data, model).log_likelihood > expected(data, model)["logLik"]


@pytest.mark.parametrize("data, model", [case for case in CASES if "rsm" not in case])
def test_slopes_and_intercepts(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)["items_ad"]
    tolerance = 2e-2 if (data, model) in UNSETTLED else 1e-3
    slopes = np.array(theirs["values"], float)[:, 0]
    compare(f"irt slopes {model}", ours.parameters.slopes["a"], slopes, atol=tolerance)
    compare(
        f"irt intercepts {model}",
        ours.intercepts.to_numpy(),
        _with_gaps(steps(theirs, model), ours),
        atol=tolerance,
    )


@pytest.mark.parametrize("data", ["bfi_N", "science"])
def test_rating_scale_steps_and_locations(data):
    ours, theirs = calibrated(data, "rsm"), expected(data, "rsm")
    there = steps(theirs["items_ad"], "rsm")
    compare("irt intercepts rsm", ours.intercepts, there, atol=1e-3)


@pytest.mark.parametrize("data, model", [case for case in CASES if case[1] in RASCH])
def test_free_latent_variance_and_its_error(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)
    variance = ours.latent.covariance[0, 0]
    error = 2 * variance * ours.latent_standard_errors["log_sd1"]
    _, (there, there_error) = np.transpose(
        np.array(theirs["coef_ad_SE"]["GroupPars"]["values"], float)
    )
    compare("irt latent variance", [variance], [there], atol=1e-3)
    compare("irt latent variance se", [error], [there_error], rtol=1e-2)


@pytest.mark.parametrize("data, model", [case for case in SETTLED if "rsm" not in case])
def test_standard_errors_of_slopes_and_intercepts(data, model):
    ours, theirs = calibrated(data, model), expected(data, model)["coef_ad_SE"]
    for item, errors in ours.standard_errors.iterrows():
        node = theirs[item]
        at = {name: k for k, name in enumerate(node["cols"])}
        wanted = ["a1", *(f"d{m}" for m in ours.intercepts.columns)]
        there = [
            _number(node["values"][1][at[w]]) if w in at else np.nan for w in wanted
        ]
        compare(f"irt se {model}", errors.to_numpy(), there, rtol=1e-2)


@pytest.mark.parametrize("data, model", [case for case in SETTLED if "rsm" not in case])
def test_standard_errors_of_thresholds(data, model):
    """The first step of gpcm differs on purpose: see docs/methods/irt.md."""
    ours, theirs = calibrated(data, model), expected(data, model)["coef_IRT_SE"]
    first = 1 if model == "gpcm" else 0
    for item, errors in ours.threshold_standard_errors.iterrows():
        there = [_number(x) for x in theirs[item]["values"][1][1:]]
        errors = errors.dropna().to_numpy()
        compare(f"irt threshold se {model}", errors[first:], there[first:], rtol=1e-2)


@pytest.mark.parametrize("data", [case[0] for case in SETTLED if case[1] == "gpcm"])
def test_standard_error_of_the_first_gpcm_threshold_with_the_slopes_of_the_second(data):
    """The reference's: by a and d_1 those of b_2, by d_2 none (docs/methods/irt.md)."""
    ours, theirs = calibrated(data, "gpcm"), expected(data, "gpcm")["coef_IRT_SE"]
    for item, slope in ours.discrimination.items():
        free = [f"{item}.a1", f"{item}.d1"]
        second = ours.thresholds.loc[item].dropna().iloc[1]
        by_free = np.array([-second, 1.0]) / slope
        error = np.sqrt(by_free @ ours.covariance.loc[free, free] @ by_free)
        there = _number(theirs[item]["values"][1][1])
        compare("irt first threshold se gpcm", [error], [there], rtol=1e-4)


@pytest.mark.parametrize("data, model", [case for case in SETTLED if "rsm" not in case])
def test_thresholds_on_the_theta_metric(data, model):
    """b = -d/a magnifies differences where a is small: the tolerance follows 1/a.

    Ours stand under the category they lead to; the reference numbers those in use.
    """
    ours, theirs = calibrated(data, model), expected(data, model)["coef_IRT"]
    there = _with_gaps(np.array(theirs["values"], float)[:, 1:], ours)
    for item, found, wanted in zip(ours.items, ours.thresholds.to_numpy(), there):
        tolerance = 2e-3 / abs(ours.discrimination[item])
        found, wanted = (row[~np.isnan(row)] for row in (found, wanted))
        compare(f"irt thresholds {model}", found, wanted, atol=tolerance, rtol=1e-3)


def _number(value):
    return np.nan if value is None else float(value)


def _with_gaps(there, ours):
    """Pad to our shape; absent steps are NaN on both sides."""
    missing = ours.intercepts.shape[1] - there.shape[1]
    return np.pad(there, ((0, 0), (0, missing)), constant_values=np.nan)
