"""Fit statistics: what they do when the model is right, and when it is not."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt import item_fit as items
from psychometrics.irt import moments as irt_moments
from psychometrics.irt import sum_scores
from psychometrics.irt.models import category_probabilities

SLOPES = np.array([1.0, 1.4, 1.8, 1.2, 2.0, 1.6])
INTERCEPTS = -SLOPES[:, None] * np.array([-1.2, 0.0, 1.0])


def draw(rng, theta, slopes=SLOPES, intercepts=INTERCEPTS, model="graded"):
    p = category_probabilities(model, theta, slopes, intercepts)
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(2)
    return pm.graded_response(draw(rng, rng.normal(size=1500)))


def test_a_true_model_fits(fit):
    overall = fit.model_fit().to_frame()
    assert (overall["p"] > 0.01).all()
    assert (overall["rmsea"] < 0.03).all()
    assert (fit.item_fit().to_frame()["p"] > 0.001).all()
    assert not fit.local_dependence().to_frame()["flagged"].any()


def overall_fits(model, n_samples, n_persons, rng, n_steps=3):
    """Return statistic, df and p of each sample: C2, and M2* where it has df."""
    fitter = {"graded": pm.graded_response, "gpcm": pm.generalized_partial_credit}
    intercepts = INTERCEPTS[:, :n_steps]
    if model == "gpcm":
        intercepts = intercepts.cumsum(axis=1)
    tables = []
    for _ in range(n_samples):
        theta = rng.normal(size=n_persons)
        sample = draw(rng, theta, SLOPES, intercepts, model)
        tables.append(fitter[model](sample, se=False).model_fit().to_frame())
    return pd.concat(tables)[["statistic", "df", "p"]]


@pytest.mark.parametrize("model", ["graded", "gpcm"])
@pytest.mark.parametrize("name, n_steps", [("C2", 3), ("M2*", 2)])
def test_overall_fit_keeps_its_size(model, name, n_steps, rng):
    """Twenty-four samples: mean statistic / df within four standard errors of one."""
    found = overall_fits(model, 24, 500, rng, n_steps).loc[name]
    off = (found["statistic"] / found["df"]).mean() - 1
    assert abs(off) < 4 * np.sqrt(2 / found["df"].iloc[0] / len(found))


@pytest.mark.slow
@pytest.mark.parametrize("name, n_steps", [("C2", 3), ("M2*", 2)])
def test_overall_fit_of_true_partial_credit_rejects_one_sample_in_twenty(
    name, n_steps, rng
):
    """Four hundred samples of 1000: mean, variance and share rejected at 5 %."""
    found = overall_fits("gpcm", 400, 1000, rng, n_steps).loc[name]
    df, n = found["df"].iloc[0], len(found)
    assert abs(found["statistic"].mean() - df) < 4 * np.sqrt(2 * df / n)
    spread = 2 * df * np.sqrt((2 + 12 / df) / n)
    assert abs(found["statistic"].var() - 2 * df) < 4 * spread
    assert abs((found["p"] < 0.05).mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / n)


def test_s_x2_of_an_item_with_a_category_fewer_keeps_its_size(rng):
    """Eighty small samples: mean statistic / df within four standard errors of one."""
    steep, cuts = np.linspace(0.9, 1.9, 10), np.array([-3.5, -2.0, -0.8, 0.6])
    intercepts = -steep[:, None] * (cuts + np.linspace(-0.5, 0.5, 10)[:, None])
    intercepts[0] = [*intercepts[0, 1:], -np.inf]
    found = []
    for _ in range(80):
        sample = draw(rng, rng.normal(size=433), steep, intercepts)
        assert sample.max().eq([3, *[4] * 9]).all()
        fitted = pm.graded_response(sample, se=False).item_fit().to_frame()
        found.append(fitted.loc["q0", ["s_x2", "df", "p"]])
    found = pd.DataFrame(found)
    ratio = found["s_x2"] / found["df"]
    assert abs(ratio.mean() - 1) < 4 * ratio.std() / np.sqrt(len(ratio))
    assert (found["p"] < 0.05).mean() < 0.05 + 4 * np.sqrt(0.05 * 0.95 / len(found))


def test_an_item_asked_twice_is_flagged(rng):
    twice = np.tile(SLOPES, 2), np.tile(INTERCEPTS, (2, 1))
    answers = draw(rng, rng.normal(size=800), *twice)
    copied = rng.uniform(size=800) < 0.5
    answers["copy"] = np.where(copied, answers["q2"], answers["q3"])
    fit = pm.graded_response(answers)
    pairs = fit.local_dependence().to_frame()
    assert set(pairs.index[pairs["flagged"]]) == {("q2", "copy"), ("q3", "copy")}
    assert fit.model_fit().to_frame().loc["C2", "p"] < 1e-6


@pytest.mark.parametrize("model", ["gpcm", "pcm", "graded"])
def test_slopes_of_the_moments_match_finite_differences(model, rng):
    fitter = {
        "gpcm": pm.generalized_partial_credit,
        "pcm": pm.partial_credit,
        "graded": pm.graded_response,
    }[model]
    fit = fitter(draw(rng, rng.normal(size=400)))
    moments = irt_moments.category_moments(fit.patterns.n_categories)
    slopes, intercepts = fit.parameters.arrays

    def expected(change):
        p = category_probabilities(model, fit.latent.nodes, slopes, intercepts + change)
        at = irt_moments.moments_at(p, moments)
        return np.concatenate([at.single, at.pair]) @ fit.latent.weights

    change = np.zeros_like(intercepts)
    change[2, 1] = 1e-5
    numeric = (expected(change) - expected(-change)) / 2e-5
    column = list(fit.free.index).index("q2.d2")
    found = irt_moments.ExpectedMoments.of(fit, moments).slopes[:, column]
    assert found == pytest.approx(numeric, abs=1e-8)


def test_thin_cells_of_s_x2_are_merged_and_nobody_is_lost(rng):
    """Every cell left has one expected person, every score at least two cells."""
    expected = rng.exponential(1.2, size=(12, 4))
    observed = rng.poisson(expected)
    scores = [np.stack(row, axis=1) for row in zip(observed, expected)]
    joined = items.merge_thin_cells(scores)
    assert 1 < len(joined) <= 12
    assert min(map(len, joined)) >= 2
    assert min(row[:, 1].min() for row in joined) >= 1
    total = sum(row.sum(axis=0) for row in joined)
    assert total == pytest.approx([observed.sum(), expected.sum()])


@pytest.mark.parametrize("sizes, left", [((8, 20), [12, 20]), ((20, 8), [20, 12])])
def test_a_thin_score_of_s_x2_joins_its_smaller_neighbour(sizes, left):
    below, above = (np.array([[n / 2, n / 4], [n / 2, 3 * n / 4]]) for n in sizes)
    thin = np.array([[1, 0.5], [3, 3.5]])
    joined = items.merge_thin_cells([below, thin, above])
    assert [row[:, 0].sum() for row in joined] == left


def test_sum_scores_without_each_item_are_those_of_the_others(rng):
    n_categories = [3, 2, 4, 4, 3]
    p = rng.uniform(size=(5, 4, 7))
    for item, n in enumerate(n_categories):
        p[item, n:] = 0
    found = dict(sum_scores.distributions_without(p, n_categories))
    assert sorted(found) == [0, 1, 2, 3, 4]
    for item, rest in found.items():
        others = np.delete(np.arange(5), item)
        sizes = np.delete(n_categories, item)
        known = sum_scores.sum_score_distribution(p[others], sizes)
        assert rest == pytest.approx(known, rel=1e-12)


def test_moments_fit_alike_in_whatever_directions_parameters_are_written(rng):
    """Nearly parallel derivatives, as of 25 graded items, cost no digits."""
    slopes, gap = rng.normal(size=(30, 8)), rng.normal(size=30)
    turned = slopes @ (np.ones((8, 8)) + 1e-9 * rng.normal(size=(8, 8)))
    known = irt_moments.ExpectedMoments(np.zeros(30), slopes, np.eye(30))
    found = irt_moments.ExpectedMoments(np.zeros(30), turned, np.eye(30))
    assert found.statistic(gap) == pytest.approx(known.statistic(gap), rel=1e-5)


def test_a_parameter_that_moves_no_moment_is_no_direction():
    none = irt_moments.ExpectedMoments(np.zeros(3), np.zeros((3, 1)), np.eye(3))
    with pytest.raises(np.linalg.LinAlgError, match="moves no moment"):
        none.statistic(np.ones(3))


def test_s_x2_of_sparse_scores_keeps_its_size(rng):
    """Twelve samples of 300: mean S-X2 within four standard errors of its df."""
    tables = []
    for _ in range(12):
        sample = draw(rng, rng.normal(-1.5, 1, size=300))
        tables.append(pm.graded_response(sample, se=False).item_fit().to_frame())
    found = pd.concat(tables)
    excess = (found["s_x2"] - found["df"]).mean()
    assert abs(excess) < 4 * np.sqrt(2 * found["df"].mean() / len(found))


def test_persons_who_left_something_out_stand_behind_the_pairs_they_answered(fit):
    answers = fit.patterns.answers()
    answers.iloc[:100, 0] = np.nan
    again = pm.graded_response(answers)
    items, overall = again.item_fit(), again.model_fit()
    assert items.n_complete == overall.n_complete == 1400
    assert overall.n_persons == 1500
    assert (overall.n_pair.loc["q0", "q1"], overall.n_pair.loc["q2", "q1"]) == (
        1400,
        1500,
    )
    assert set(items.to_frame()["n"]) == {1400, 1500}  # five items are a set as well
    assert 1350 < overall.to_frame().loc["C2", "n"] < 1500
    assert "missing completely at random" in overall.summary()


def test_too_few_moments_are_said(rng):
    answers = draw(rng, rng.normal(size=300)).iloc[:, :3]
    with pytest.raises(pm.NotIdentified, match="more parameters than moments"):
        pm.graded_response(answers).model_fit()


def test_pictures_of_fit(fit):
    from psychometrics.results import axes

    for result in (fit.item_fit(), fit.model_fit(), fit.local_dependence()):
        ax = axes()
        assert result.plot(ax) is ax


def test_a_true_zero_inflated_model_fits_floor_and_all(rng):
    answers = draw(rng, rng.normal(size=2000))
    answers.iloc[:600] = 0
    mixed = pm.graded_response(answers, latent="zero_inflated")
    normal = pm.graded_response(answers)
    assert (mixed.model_fit().to_frame()["p"] > 0.001).all()
    assert mixed.bic < normal.bic
    assert abs(mixed.local_dependence().residual_r.to_numpy()[0, 1]) < 0.05
    lowest = mixed.sum_score_table().to_frame()["share"].iloc[0]
    assert lowest == pytest.approx((answers == 0).all(axis=1).mean(), abs=0.02)
    with pytest.raises(ValueError, match="not defined for everybody"):
        mixed.plausible_values(rng)


def test_answers_that_depend_on_nothing_have_a_cfi_of_one():
    """No model does worse than chance leaves: neither has misfit to compare."""
    answers = np.random.default_rng(7).integers(0, 2, (40, 5))
    with pytest.warns(pm.SmallSampleWarning):
        fit = pm.graded_response(pd.DataFrame(answers), se=False)
    assert (fit.model_fit().to_frame()["cfi"] == 1).all()
