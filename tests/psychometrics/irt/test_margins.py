"""M2 of every category's margins: exact moments, its size, and when it has no test."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import psychometrics as pm
from psychometrics.irt import margins as full
from psychometrics.irt.models import category_probabilities

SLOPES = np.array([1.0, 1.4, 1.8, 1.2, 2.0, 1.6])
INTERCEPTS = -SLOPES[:, None] * np.array([-1.2, 0.0, 1.0])
UNEQUAL = np.where([[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 1, 1]], INTERCEPTS[:4], np.nan)


def draw(rng, n, intercepts=INTERCEPTS, model="graded"):
    slopes = SLOPES[: len(intercepts)]
    p = category_probabilities(model, rng.normal(size=n), slopes, intercepts)
    cut = rng.uniform(size=(len(p), n))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


def every_pattern(n_categories):
    return np.array([*itertools.product(*[range(n) for n in n_categories])])


def pattern_probabilities(p, weights, patterns):
    """Share of each pattern, from probabilities (J, K, Q)."""
    given = np.prod([p[j, patterns[:, j]] for j in range(len(p))], axis=0)
    return given @ weights


def indicators(patterns, margins):
    chosen = patterns[:, margins.owners] == margins.levels
    cells = np.column_stack([chosen, np.ones(len(patterns))])
    return cells[:, margins.first] * cells[:, margins.second]


@pytest.fixture(scope="module")
def unequal():
    """Four graded items with 4, 3, 2 and 4 categories."""
    return pm.graded_response(draw(np.random.default_rng(4), 800, UNEQUAL))


def row(fit, name):
    return fit.model_fit(statistics=[name]).to_frame().loc[name]


@pytest.mark.parametrize("model", ["graded", "gpcm", "pcm"])
def test_two_categories_leave_nothing_between_m2_and_m2_star(model, rng):
    """Identical by definition: a mean product is then a margin."""
    fitter = {
        "graded": pm.graded_response,
        "gpcm": pm.generalized_partial_credit,
        "pcm": pm.partial_credit,
    }[model]
    fit = fitter(draw(rng, 500, INTERCEPTS[:, 1:2]))
    both = fit.model_fit(statistics=["M2", "M2*"]).to_frame()
    assert both.loc["M2"].to_numpy() == pytest.approx(
        both.loc["M2*"].to_numpy(), rel=1e-8, abs=1e-8
    )


def test_margins_and_covariance_are_those_of_all_patterns(unequal):
    margins = full.all_margins(unequal.patterns.n_categories)
    expected, _, covariance = full.model_margins(unequal, margins)
    patterns = every_pattern(unequal.patterns.n_categories)
    p = unequal.parameters.probabilities(unequal.latent.nodes)
    share = pattern_probabilities(p, unequal.latent.weights, patterns)
    table = indicators(patterns, margins)
    means = share @ table
    assert expected == pytest.approx(means, abs=1e-12)
    products = (table * share[:, None]).T @ table - np.outer(means, means)
    assert covariance == pytest.approx(products, abs=1e-12)


def test_m2_is_the_quadratic_form_in_residuals_of_all_patterns(unequal):
    """Maydeu-Olivares and Joe (2005): by an orthogonal complement."""
    margins = full.all_margins(unequal.patterns.n_categories)
    expected, slopes, covariance = full.model_margins(unequal, margins)
    persons = unequal.patterns.answers().to_numpy(int)
    gap = indicators(persons, margins).mean(axis=0) - expected
    beyond = np.linalg.svd(slopes)[0][:, slopes.shape[1] :]
    inside = beyond.T @ gap
    m2 = inside @ np.linalg.solve(beyond.T @ covariance @ beyond, inside) * len(persons)
    found = row(unequal, "M2")
    assert found["statistic"] == pytest.approx(m2, rel=1e-6)
    assert found["df"] == (3 + 2 + 1 + 3) + (6 + 3 + 9 + 2 + 6 + 3) - 13


@pytest.mark.parametrize("model", ["graded", "gpcm", "pcm"])
def test_slopes_of_the_margins_match_finite_differences(model, rng):
    fitter = {
        "graded": pm.graded_response,
        "gpcm": pm.generalized_partial_credit,
        "pcm": pm.partial_credit,
    }[model]
    fit = fitter(draw(rng, 400, UNEQUAL))
    margins = full.all_margins(fit.patterns.n_categories)
    slopes, intercepts = fit.parameters.arrays

    def expected(change):
        p = category_probabilities(model, fit.latent.nodes, slopes, intercepts + change)
        cells = margins.cells(p)
        return (cells[margins.first] * cells[margins.second]) @ fit.latent.weights

    change = np.zeros_like(intercepts)
    change[1, 1] = 1e-5
    numeric = (expected(change) - expected(-change)) / 2e-5
    column = list(fit.free.index).index("q1.d2")
    found = full.model_margins(fit, margins)[1][:, column]
    assert found == pytest.approx(numeric, abs=1e-8)


def test_m2_does_not_depend_on_the_direction_of_the_answers(rng):
    answers = draw(rng, 600)
    forward = pm.graded_response(answers, tol=1e-6)
    backward = pm.graded_response(3 - answers, tol=1e-6)
    assert row(forward, "M2").to_numpy() == pytest.approx(
        row(backward, "M2").to_numpy(), rel=1e-5
    )


def ratios(rng, n_samples, n):
    found = [
        row(pm.graded_response(draw(rng, n), se=False), "M2") for _ in range(n_samples)
    ]
    return pd.DataFrame(found)


def test_m2_keeps_its_size(rng):
    """Sixteen samples: the mean of M2 within four standard errors of its df."""
    found = ratios(rng, 16, 500)
    df = found["df"].iloc[0]
    assert df == 6 * 3 + 15 * 9 - 24
    assert abs(found["statistic"].mean() - df) < 4 * np.sqrt(2 * df / len(found))


@pytest.mark.slow
def test_m2_has_the_mean_spread_and_size_of_a_chi_square():
    """Three hundred samples of 1000: rejections at 5 % within their binomial band."""
    found = ratios(np.random.default_rng(11), 300, 1000)
    df = found["df"].iloc[0]
    assert abs(found["statistic"].mean() - df) < 4 * np.sqrt(2 * df / len(found))
    assert found["statistic"].var() / (2 * df) == pytest.approx(1, abs=0.35)
    low, high = binom.interval(0.999, len(found), 0.05)
    assert low <= (found["p"] < 0.05).sum() <= high


def test_m2_finds_an_item_asked_twice_and_shows_it_in_rmsea_and_srmsr(rng):
    answers = draw(rng, 800)
    copied = rng.uniform(size=800) < 0.5
    answers["copy"] = np.where(copied, answers["q2"], answers["q3"])
    found = row(pm.graded_response(answers), "M2")
    assert found["p"] < 1e-6
    assert 0.03 < found["rmsea_5"] < found["rmsea"] < found["rmsea_95"]
    assert found["srmsr"] > 0.03


def test_a_true_zero_inflated_model_fits_by_m2(rng):
    answers = draw(rng, 1500)
    answers.iloc[:400] = 0
    assert row(pm.graded_response(answers, latent="zero_inflated"), "M2")["p"] > 0.001
    assert row(pm.graded_response(answers), "M2")["p"] < 1e-6


def test_more_margins_than_memory_should_hold_are_refused_before_any_work():
    with pytest.raises(pm.InvalidResponses, match="60 items.*28560 margins.*C2"):
        full.all_margins(np.full(60, 5))


def test_too_few_margins_are_said(rng):
    fit = pm.partial_credit(draw(rng, 300, INTERCEPTS[:2, 1:2]))
    with pytest.raises(pm.NotIdentified, match="3 margins for 3 parameters"):
        fit.model_fit(statistics=["M2"])


def test_margins_that_do_not_determine_the_parameters_are_said(unequal):
    doubled = np.repeat(unequal.jacobian[:, :1], 2, axis=1)
    twin = replace(unequal, jacobian=doubled, free=unequal.free.iloc[:2])
    margins = full.all_margins(unequal.patterns.n_categories)
    with pytest.raises(pm.NotIdentified, match="different parameters give the same"):
        full.model_margins(twin, margins)


def test_a_statistic_that_lacks_degrees_of_freedom_is_an_error_when_asked_for(unequal):
    with pytest.raises(pm.NotIdentified, match="M2[*] has more parameters"):
        unequal.model_fit(statistics=["M2", "M2*"])
    with pytest.raises(ValueError, match="'M3'; give one of M2, M2[*], C2"):
        unequal.model_fit(statistics=["M3"])
