"""What other packages were seen to get wrong without a word: right here, and said."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

SLOPES = np.array([1.0, 1.4, 1.8, 1.2, 2.0, 1.6])
CUTS = np.array([-1.2, 0.0, 1.0])


def drawn(rng, n, slopes=SLOPES, cuts=CUTS):
    intercepts = -slopes[:, None] * np.broadcast_to(
        cuts, (len(slopes), np.shape(cuts)[-1])
    )
    p = category_probabilities("graded", rng.normal(size=n), slopes, intercepts)
    cut = rng.uniform(size=(len(p), n))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(
        cut.sum(axis=1).T.astype(float), columns=[f"q{j}" for j in range(len(p))]
    )


def test_an_unreversed_item_has_the_likelihood_of_the_reversed_one_and_is_named(rng):
    answers = drawn(rng, 800)
    wrong_way = answers.assign(q2=3 - answers["q2"])
    right, wrong = (pm.graded_response(a, se=False) for a in (answers, wrong_way))
    assert wrong.log_likelihood == pytest.approx(right.log_likelihood, abs=1e-5)
    turned = right.discrimination.where(right.items != "q2", -right.discrimination)
    np.testing.assert_allclose(wrong.discrimination, turned, atol=1e-4)
    assert any("fall as theta rises for: q2" in note for note in wrong.notes)


def test_a_category_of_two_persons_is_settled_and_said(rng):
    answers = drawn(rng, 500)
    answers.loc[answers["q0"] == 3, "q0"] = 2
    answers.loc[answers["q5"].nlargest(2).index, "q0"] = 3
    fit = pm.graded_response(answers)
    assert fit.gradient < 1e-4
    assert fit.thresholds.loc["q0"].is_monotonic_increasing
    assert fit.threshold_standard_errors.loc["q0", 3] > 0.5
    assert any("used a category of: q0" in note for note in fit.notes)


def test_a_third_of_the_answers_missing_leaves_slopes_in_place(rng):
    answers = drawn(rng, 2000)
    holes = answers.mask(rng.uniform(size=answers.shape) < 0.3).dropna(how="all")
    fit = pm.graded_response(holes)
    off = (fit.discrimination - SLOPES) / fit.standard_errors.iloc[:, 0]
    assert off.abs().max() < 4
    assert fit.patterns.n_persons > 1990


def test_no_slope_or_threshold_ends_at_a_bound(rng):
    """A slope of 7 and thresholds beyond 6 are found: likelihood above any bound's."""
    slopes = np.array([7.0, 1.0, 1.0, 1.0, 0.35, 1.5])
    cuts = np.array([[-1.0, 0, 1.0]] * 4 + [[-7.0, 0, 7.0]] + [[-1.0, 0, 1.0]])
    fit = pm.graded_response(drawn(rng, 3000, slopes, cuts))
    assert fit.gradient < 1e-4
    steep, far = fit.discrimination["q0"], fit.thresholds.loc["q4", 3]
    assert abs(steep - 7) < 4 * fit.standard_errors.iloc[0, 0] and steep > 5
    assert any("nearly in two: q0" in n for n in fit.notes) == (steep > 6)
    assert abs(far - 7) < 4 * fit.threshold_standard_errors.loc["q4", 3] and far > 5


def test_an_ordinal_model_of_25_items_finds_what_was_drawn(rng):
    loadings, phi = pm.simulate.simple_structure(5, 5, loading=0.7, correlation=0.4)
    answers = pm.simulate.responses(
        600, rng=rng, loadings=loadings, factor_corr=phi, thresholds=[-1, 0, 0.8]
    ).responses
    items = list(answers)
    scales = {f"F{k}": items[5 * k : 5 * k + 5] for k in range(5)}
    fit = pm.confirm(pm.correlated_factors_model(scales), answers)
    found = fit.loadings().to_numpy()
    assert np.allclose(found[found != 0], 0.7, atol=0.15)
    assert fit.fit["p_scaled"] > 1e-3 and fit.fit["df"] == 265
    turned = answers.assign(**{items[0]: answers[items[0]].max() - answers[items[0]]})
    wrong = pm.confirm(pm.correlated_factors_model(scales), turned, std_lv=True)
    assert wrong.fit["chi2"] == pytest.approx(fit.fit["chi2"], rel=1e-3)
