from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu

from psychometrics import (
    InvalidResponses,
    NotIdentified,
    comparison_data,
    empirical_kaiser,
    hull,
    minimum_average_partial,
    parallel_analysis,
    retention,
    sequential_chi_square,
    simulate,
)
from psychometrics.factor.comparison_data import (
    chance_of_less,
    in_order_of,
    make_population,
    near_nought,
    pairwise_corr,
)
from psychometrics.factor.hull import on_hull
from psychometrics.factor.parallel_analysis import corr_of_pairs

CUTS = (-1.5, -0.7, 0.0, 0.8)


def made(n_persons, *, n_factors=3, items=5, correlation=0.3, seed=4, missing=0.0):
    loadings, phi = simulate.simple_structure(n_factors, items, correlation=correlation)
    return simulate.responses(
        n_persons,
        rng=np.random.default_rng(seed),
        loadings=loadings,
        factor_corr=phi,
        thresholds=CUTS,
        missing=missing,
    ).responses


THREE = made(600)


@pytest.mark.parametrize("rule", [empirical_kaiser, hull, minimum_average_partial])
@pytest.mark.parametrize("corr", ["pearson", "polychoric"])
def test_clear_structure_is_found(rule, corr):
    assert rule(THREE, corr=corr).n_factors == 3


def test_rules_that_draw_random_data_find_clear_structure_too():
    assert comparison_data(THREE, n_replications=60).n_factors == 3
    for corr in ("pearson", "spearman", "polychoric"):
        found = parallel_analysis(THREE, corr=corr, n_replications=20)
        assert found.n_factors == 3
        assert (found.counts == 3).to_numpy().all()


def test_hull_finds_six_factors_that_correlate():
    data = made(800, n_factors=6, correlation=0.5)
    assert hull(data).n_factors == 6
    assert hull(THREE, index="caf").n_factors == 3


def test_chi_square_accepts_the_model_that_made_the_data():
    loadings, phi = simulate.simple_structure(3, 5)
    data = simulate.responses(
        1000, rng=np.random.default_rng(8), loadings=loadings, factor_corr=phi
    ).responses
    found = sequential_chi_square(data, alpha=0.01)
    assert found.n_factors == 3
    assert found.curve["p"].is_monotonic_increasing


def test_random_eigenvalues_do_not_depend_on_where_they_are_drawn():
    here = parallel_analysis(THREE, corr="pearson", n_replications=25, rng=3)
    with ThreadPoolExecutor(2) as executor:
        there = parallel_analysis(
            THREE, corr="pearson", n_replications=25, rng=3, executor=executor
        )
    assert here.curve.equals(there.curve)
    other = parallel_analysis(THREE, corr="pearson", n_replications=25, rng=4)
    assert not here.curve.equals(other.curve)


def test_eigenvalues_sum_to_the_number_of_items_in_every_column():
    curve = parallel_analysis(THREE, corr="polychoric", n_replications=10).curve
    sums = curve[["components", "components_mean"]].sum()
    assert np.allclose(sums, THREE.shape[1])


def test_missing_answers_stay_missing_when_shuffled():
    holes = made(500, missing=0.15)
    for corr in ("pearson", "polychoric"):
        for method in ("permutation", "normal"):
            found = parallel_analysis(
                holes, corr=corr, method=method, n_replications=10
            )
            assert found.n_factors == 3


def test_booklets_that_nobody_answered_whole_can_be_counted():
    holes = made(700, missing=0.3)
    assert not holes.notna().all(axis=1).mean() > 0.02
    found = retention(holes, corr="pearson", n_replications=40)
    assert found.n_factors["comparison"] == 3
    assert found.n_factors["parallel"] == 3


def test_unrelated_items_have_no_factor():
    noise = simulate.responses(
        400, rng=np.random.default_rng(1), loadings=[[0.0]] * 8, thresholds=CUTS
    ).responses
    assert parallel_analysis(noise, corr="pearson", n_replications=200).n_factors == 0
    assert minimum_average_partial(noise).n_factors == 0
    assert sequential_chi_square(noise).n_factors == 0


def test_comparison_populations_keep_distributions_and_correlations():
    values = THREE.to_numpy()
    population = make_population(values, 3, 4000, np.random.default_rng(2))
    gap = np.corrcoef(population, rowvar=False) - np.corrcoef(values, rowvar=False)
    assert np.sqrt((gap**2).mean()) < 0.02
    assert set(np.unique(population)) <= set(np.unique(values))


def test_solutions_below_the_hull_are_left_out():
    parameters = np.array([0, 10, 19, 27, 34])
    fits = np.array([0.0, 0.2, 0.1, 0.9, 0.95])
    assert on_hull(parameters, fits).tolist() == [0, 3, 4]


def test_retention_lays_rules_side_by_side_and_reads_them():
    found = retention(THREE, n_replications=40)
    assert list(found.n_factors.index)[:2] == ["parallel", "parallel_pearson"]
    assert "agree on 3" in found.reading[0]
    assert "rule" in found.to_frame().columns
    assert "Number of factors: 600 persons" in found.summary()


def test_retention_warns_that_one_factor_proves_nothing():
    close = made(300, n_factors=4, correlation=0.85)
    found = retention(close, corr="pearson", n_replications=30)
    words = " ".join(found.reading)
    assert found.n_factors["parallel"] == 1
    assert "neither refutes several nor proves one" in words
    assert "With 300 persons" in words


def test_pictures_show_the_reference_beside_the_eigenvalues():
    found = parallel_analysis(THREE, corr="pearson", n_replications=10)
    assert len(found.plot().get_lines()) == 4
    assert empirical_kaiser(THREE).plot().get_title().endswith(": 3 factors")
    labels = hull(THREE).plot().get_legend_handles_labels()[1]
    assert labels == ["fit", "the rule stops at 3"]


def test_options_that_do_not_exist_are_named():
    with pytest.raises(ValueError, match="permutation, normal"):
        parallel_analysis(THREE, method="bootstrap")
    with pytest.raises(ValueError, match="power is 3; give one of 2, 4"):
        minimum_average_partial(THREE, power=3)
    with pytest.raises(ValueError, match="cfi, caf"):
        hull(THREE, index="gfi")


def test_too_little_data_is_refused_by_name():
    with pytest.raises(InvalidResponses, match="more persons than items"):
        parallel_analysis(THREE.head(10))
    with pytest.raises(InvalidResponses, match="q"):
        retention(THREE.assign(q=1.0))
    with pytest.raises(NotIdentified, match="determine no factor"):
        comparison_data(THREE.iloc[:, :2])


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.6])
def test_correlations_with_gaps_are_those_of_their_sums(rng, missing):
    values = rng.integers(1, 6, (80, 4)).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    said = pairwise_corr(values)
    centred = values - np.nanmean(values, axis=0)
    for i, j in np.ndindex(said.shape):
        both = ~np.isnan(centred[:, i] + centred[:, j])
        x, y = centred[both, i], centred[both, j]
        assert said[i, j] == pytest.approx(x @ y / np.sqrt((x @ x) * (y @ y)))


@pytest.mark.parametrize("digits", [0, 3])
def test_shifted_samples_correlate_as_they_did(rng, digits):
    values = (rng.normal(size=(300, 5)) * [1, 2, 3, 4, 5]).round(digits) + 1000
    shifted = near_nought(values, values)
    assert shifted.dtype == (np.float32 if digits == 0 else float)
    theirs = np.corrcoef(values, rowvar=False)
    said = pairwise_corr(shifted.astype(float))
    np.testing.assert_allclose(said, theirs, rtol=0, atol=1e-13)


def test_random_data_with_gaps_are_correlated_over_both_items_answers():
    values = made(90, missing=0.3).to_numpy()
    theirs = pd.DataFrame(values).corr().to_numpy()
    np.testing.assert_allclose(corr_of_pairs(values), theirs, rtol=0, atol=1e-13)


@pytest.mark.parametrize("n", [5, 9, 60])
@pytest.mark.parametrize("digits", [0, 1, 12])
def test_errors_are_compared_as_scipy_compares_them(rng, n, digits):
    x, y = rng.normal(size=n).round(digits), rng.normal(0.2, size=n + 3).round(digits)
    theirs = mannwhitneyu(x, y, alternative="less").pvalue
    assert chance_of_less(x, y) == pytest.approx(theirs, rel=1e-12)
    assert chance_of_less(0 * x, 0 * y) >= 0.5


@pytest.mark.parametrize("shape", ["normal", "few numbers", "one far away", "alike"])
def test_numbers_take_on_values_by_their_ranks(rng, shape):
    x = rng.normal(size=3000)
    x = {"few numbers": x.round(), "alike": 0 * x}.get(shape, x)
    if shape == "one far away":
        x[5] = 1e6
    values, counts = np.array([1.0, 2.0, 4.0, 5.0]), np.array([1, 1999, 999, 1])
    made = in_order_of(x, values, counts)
    ordered = np.sort(x)
    for rank, value in zip(counts.cumsum()[:-1], values[1:]):
        assert (made[x >= ordered[rank]] >= value).all()
        assert (made[x < ordered[rank]] < value).all()
