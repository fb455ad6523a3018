"""Confirmatory models recover what answers were made from: bias, errors, coverage."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from psychometrics import invariance, monte_carlo

_PATH = Path(__file__).parents[2] / "benchmarks" / "confirmatory_simulation.py"
_SPEC = importlib.util.spec_from_file_location("confirmatory_simulation", _PATH)
simulation = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulation)

N_SHORT, N_LONG = 60, 500
# four binomial standard errors of a share of .05 over 60 samples, and of the mean
# coverage of 15 correlated parameters
SHORT_SIZE, SHORT_COVERAGE = 0.05 + 4 * (0.05 * 0.95 / N_SHORT) ** 0.5, 0.03


@pytest.mark.parametrize("name", ["wlsmv", "ml"])
def test_a_few_samples_show_no_gross_bias(name):
    ordinal, missing, options = simulation.PLAIN[name]
    study = simulation.run(ordinal, 500, N_SHORT, missing=missing, **options)
    found = simulation.figures(study)
    assert found["converged"] == 1
    assert abs(found["bias"]) < 0.02
    assert abs(found["coverage"] - 0.95) < SHORT_COVERAGE
    assert found["size"] <= SHORT_SIZE


@pytest.mark.parametrize("name", ["wlsmv", "mlr"])
def test_ten_clusters_keep_their_coverage_and_the_middle_of_p(name):
    ordinal, options = simulation.CLUSTERED[name]
    study = simulation.run(
        ordinal, 300, N_SHORT, n_clusters=10, n_factors=1, alpha=0.5, **options
    )
    found = simulation.figures(study)
    assert 0.91 <= found["coverage"] <= 0.98
    assert abs(found["size"] - 0.5) < 4 * (0.25 / N_SHORT) ** 0.5


@pytest.mark.parametrize("name", ["wlsmv", "mlr"])
def test_ten_clusters_still_find_an_item_on_the_wrong_factor(name):
    ordinal, options = simulation.CLUSTERED[name]
    wrong = simulation.model().replace(" + f4", "").replace("g =~ ", "g =~ f4 + ")
    study = monte_carlo(
        simulation.population(ordinal),
        wrong,
        400,
        n_replications=20,
        n_clusters=10,
        std_lv=True,
        **options,
    )
    assert study.tests["rejected"] > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("n", simulation.SIZES)
@pytest.mark.parametrize("name", simulation.PLAIN)
def test_bias_errors_size_and_coverage_stay_within_the_bands(name, n):
    ordinal, missing, options = simulation.PLAIN[name]
    study = simulation.run(ordinal, n, N_LONG, missing=missing, **options)
    found = simulation.figures(study)
    assert abs(found["worst_bias"]) < 0.05
    assert abs(found["error"]) < 0.10
    assert 0.025 <= found["size"] <= 0.075
    assert 0.91 <= found["coverage"] <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("n_clusters, n, icc, n_factors", simulation.CLUSTERS[:4])
@pytest.mark.parametrize("name", simulation.CLUSTERED)
def test_clustered_answers_keep_coverage_and_size(name, n_clusters, n, icc, n_factors):
    ordinal, options = simulation.CLUSTERED[name]
    nested = {"n_clusters": n_clusters, "icc": icc, "n_factors": n_factors}
    study = simulation.run(ordinal, n, N_LONG, **nested, **options)
    found = simulation.figures(study)
    assert 0.91 <= found["coverage"] <= 0.98
    assert abs(found["worst_bias"]) < 0.05
    assert 0.025 <= found["size"] <= 0.075


@pytest.mark.slow
@pytest.mark.parametrize("name", simulation.CLUSTERED)
def test_teams_that_hold_both_groups_leave_the_ladder_its_size(name):
    ordinal, options = simulation.CLUSTERED[name]
    population, n = simulation.population(ordinal, n_factors=1), 600
    teams, found = np.arange(n) % 10, []
    for seed in np.random.SeedSequence(3).spawn(200):
        rng = np.random.default_rng(seed)
        drawn = population.draw(n, rng, clusters=teams, icc=0.1)
        drawn = drawn.clip(upper=3) if ordinal else drawn
        who = np.arange(n) // 10 % 2
        ladder = invariance(simulation.model(1), drawn, who, clusters=teams, **options)
        found.append(ladder.steps["p"].iloc[1:].to_numpy(float) < 0.05)
    # four binomial standard errors of .05 over 200 samples
    assert (np.mean(found, axis=0) < 0.05 + 4 * (0.05 * 0.95 / 200) ** 0.5).all()
