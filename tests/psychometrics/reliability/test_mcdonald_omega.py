"""Omega of one scale: its value, its error, resamples, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.reliability.mcdonald_omega import (
    FAR,
    categorical_omega,
    check_error,
    logit_interval,
)

LOADINGS = np.array([0.4, 0.5, 0.6, 0.7, 0.8, 0.6])
CUTS = np.array([[-1.0, 0.0, 1.0], [-0.5, 0.5, FAR], [0.0, FAR, FAR], [-0.2, 0.3, 0.9]])


@pytest.fixture(scope="module")
def answers():
    drawn = pm.simulate.responses(
        400, rng=5, loadings=LOADINGS[:, None], thresholds=[-1.0, 0.0, 0.9], lowest=1
    )
    return drawn.responses.astype(float)


@pytest.fixture(scope="module", params=[False, True], ids=["numbers", "categories"])
def found(request, answers):
    return pm.mcdonald_omega(answers, ordinal=request.param)


def test_omega_is_that_of_the_fitted_one_factor_model(found, answers):
    estimator = "wlsmv" if found.ordinal else "ml"
    fitted = pm.confirm("f =~ " + " + ".join(answers), answers, estimator=estimator)
    table = pm.model_composites(fitted).table
    assert found.omega == pytest.approx(table.loc["f", "composite"], abs=1e-5)


def test_its_interval_holds_it_and_lies_near_alpha_s(found, answers):
    alpha = pm.cronbach_alpha(answers)
    low, high = found.ci
    assert low < found.omega < high < 1
    np.testing.assert_allclose(found.ci, alpha.ci, atol=0.03)


def test_the_derivatives_are_those_of_small_steps():
    loadings, step = np.array([0.5, 0.6, 0.7, 0.8]), 1e-5

    def omega(up, cut):
        return categorical_omega(loadings + up, CUTS + cut)[0]

    _, by_loading, by_cut = categorical_omega(loadings, CUTS)
    for i, unit in enumerate(np.eye(4) * step):
        slope = (omega(unit, 0) - omega(-unit, 0)) / (2 * step)
        assert by_loading[i] == pytest.approx(slope, abs=1e-9)
    for i, j in np.argwhere(CUTS < FAR):
        unit = np.zeros(CUTS.shape)
        unit[i, j] = step
        slope = (omega(0, unit) - omega(0, -unit)) / (2 * step)
        assert by_cut[i, j] == pytest.approx(slope, abs=1e-9)


def test_resamples_leave_as_wide_an_interval_as_the_delta_method(answers):
    delta = pm.mcdonald_omega(answers)
    drawn = pm.mcdonald_omega(answers, n_replications=60, rng=2)
    assert drawn.omega == delta.omega and drawn.n_failed == 0
    width = np.ptp(drawn.ci) / np.ptp(delta.ci)
    assert 0.7 < width < 1.3
    assert "60 resamples" in drawn.summary()


def test_two_items_have_equal_loadings_and_say_so(answers):
    pair = answers[list(answers)[-2:]]
    found = pm.mcdonald_omega(pair)
    alpha = pm.cronbach_alpha(pair).alpha
    assert found.omega == pytest.approx(alpha, abs=1e-4)
    assert "two items: their loadings are taken as equal" in found.summary()


def test_omega_is_above_alpha_where_loadings_differ():
    loadings = np.array([0.2, 0.3, 0.9, 0.9])
    drawn = pm.simulate.responses(
        2000, rng=3, loadings=loadings[:, None], thresholds=[-1, 0, 1]
    )
    omega = pm.mcdonald_omega(drawn.responses).omega
    assert omega > pm.cronbach_alpha(drawn.responses).alpha + 0.02


def test_gaps_widen_the_interval(answers):
    gaps = answers.mask(np.random.default_rng(1).random(answers.shape) < 0.4)
    whole, less = (pm.mcdonald_omega(a, ordinal=True) for a in (answers, gaps))
    assert less.se > 1.15 * whole.se
    assert less.n_complete < less.n == 400
    assert f"400 persons with an answer, {less.n_complete} complete" in less.summary()


def test_an_item_keyed_against_the_others_is_named(answers):
    turned = answers.assign(**{answers.columns[-1]: 5 - answers.iloc[:, -1]})
    with pytest.warns(pm.ReversedItemWarning):
        found = pm.mcdonald_omega(turned)
    assert "negative loading; reverse the keying?" in found.summary()


def test_resamples_need_a_generator_and_totals_have_to_vary(answers):
    with pytest.raises(pm.PsychometricsError, match="rng"):
        pm.mcdonald_omega(answers, n_replications=5)
    against = pd.DataFrame({"a": answers.iloc[:, 0], "b": 5 - answers.iloc[:, 0]})
    with pytest.raises(pm.NotIdentified, match="the total score does not vary"):
        pm.mcdonald_omega(against)


@pytest.mark.parametrize("omega, se", [(0.8, 1.2), (0.99, 0.2), (0.5, np.nan)])
def test_an_error_that_says_nothing_is_refused(omega, se):
    with pytest.raises(pm.NotIdentified, match="hardly determine"):
        check_error(omega, se)


def test_the_interval_is_symmetric_in_the_logit_and_stays_inside():
    low, high = logit_interval(0.75, 0.03)
    assert np.log(high / (1 - high)) - np.log(3) == pytest.approx(
        np.log(3) - np.log(low / (1 - low))
    )
    assert np.mean([low, high]) == pytest.approx(0.75, abs=0.005)
    low, high = logit_interval(0.98, 0.03)
    assert 0 < low < 0.98 < high < 1
    assert np.isnan(logit_interval(0.0, 0.1)[1])


@pytest.mark.slow
def test_the_interval_of_ordinal_omega_covers_as_often_as_it_says():
    """200 samples of 200 persons; within three binomial errors of 95 %."""
    loadings, cuts = np.full((6, 1), 0.6), np.array([-1.5, -0.5, 0.5, 1.5])
    truth = categorical_omega(loadings[:, 0], np.tile(cuts, (6, 1)))[0]
    covered = 0
    for seed in range(200):
        made = pm.simulate.responses(
            200, rng=880_000 + seed, loadings=loadings, thresholds=cuts
        )
        low, high = pm.mcdonald_omega(made.responses, ordinal=True).ci
        covered += low < truth < high
    assert covered / 200 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)
