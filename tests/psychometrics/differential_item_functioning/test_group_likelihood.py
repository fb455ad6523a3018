"""Models that are found from their neighbour are those that a full search finds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from psychometrics.differential_item_functioning.group_likelihood import GroupLikelihood
from psychometrics.differential_item_functioning.groups import as_groups
from psychometrics.differential_item_functioning.likelihood_ratio import GroupModels
from psychometrics.differential_item_functioning.purification import dif
from psychometrics.differential_item_functioning.screen import Task
from psychometrics.irt.estimation import estimate
from psychometrics.irt.latent_distribution import Normal, grid, normals_at
from psychometrics.irt.parameter_map import Design, spread
from psychometrics.irt.patterns import find_patterns
from psychometrics.irt.starting_values import starting_block
from psychometrics.responses import check_responses

ITEMS = [f"i{j}" for j in range(6)]


@pytest.fixture(scope="module")
def answers():
    """Three groups of 250, gaps among the answers; i1 is shifted, i4 is steeper."""
    rng = np.random.default_rng(20261130)
    group = np.repeat([0, 1, 2], 250)
    theta = rng.normal(size=750) + np.array([0.0, -0.4, 0.3])[group]
    easiness = np.linspace(-0.5, 0.5, 6)[:, None] + np.array([1.2, 0.0, -1.2])
    z = 1.6 * (theta[:, None, None] + easiness)
    z[group == 1, 1] -= 1.2
    z[group == 2, 4] *= 1.8
    made = (rng.random((750, 6, 1)) < 1 / (1 + np.exp(-z))).sum(axis=2)
    table = pd.DataFrame(made, columns=ITEMS).astype(float)
    return table.mask(rng.random(table.shape) < 0.05), group


@pytest.fixture(scope="module")
def task(answers):
    table, group = answers
    checked = check_responses(table)
    groups = as_groups(group[table.notna().any(axis=1)], checked)
    return Task(checked, groups, "likelihood_ratio", "total", "both", 0.01, 0.2, 5)


def full_search(task, is_equal, loose_item=None):
    """The log-likelihood of one model, searched for by itself from the margins."""
    codes, labels = task.groups.codes, tuple(task.groups.levels)
    patterns = find_patterns(task.responses, groups=(codes, labels))
    block = starting_block("graded", patterns)
    if loose_item is not None:
        slope = (block.owners == loose_item) & block.is_slope
        block = replace(block, owners=np.where(slope, -1, block.owners))
    nodes = grid(61)
    free = Normal(nodes, is_mean_free=True, is_sd_free=True)
    blocks = spread(block, is_equal, len(labels))
    plan = Design("graded", nodes, blocks, (Normal(nodes), free, free))
    return estimate(plan, patterns, se=False)[0].log_likelihood


@pytest.mark.parametrize("foul", [[], ["i1", "i4"]])
def test_each_statistic_is_that_of_full_searches(task, foul):
    clean = ~task.responses.items.isin(foul)
    table = GroupModels.of(task).compare(clean).table
    for j in (0, 1, 4):
        others = clean & (np.arange(6) != j)
        equal = full_search(task, others | (np.arange(6) == j))
        loose, free = full_search(task, others, j), full_search(task, others)
        row = table.iloc[j]
        assert row["chi2_uniform"] == pytest.approx(2 * (loose - equal), abs=1e-4)
        assert row["chi2_nonuniform"] == pytest.approx(2 * (free - loose), abs=1e-4)
        assert row["chi2_total"] == pytest.approx(2 * (free - equal), abs=1e-4)


@pytest.mark.parametrize("loose_item", [None, 2])
def test_the_gradient_is_the_slope_of_the_likelihood(task, loose_item):
    models = GroupModels.of(task)
    is_equal = np.arange(6) > 2
    model = GroupLikelihood(models.data, models.data.columns(is_equal, loose_item))
    at = models._cold(model).free + np.linspace(-0.05, 0.05, model.n_free)
    slope = approx_fprime(at, lambda free: model(free)[0], 1e-6)
    assert model(at)[1] == pytest.approx(slope, abs=2e-2)
    assert len(model.labels()) == len(model.kinds) == model.n_free


def test_a_model_of_an_earlier_round_is_not_fitted_again(task):
    models = GroupModels.of(task)
    every = np.ones(6, bool)
    first = models.compare(every).table
    n_fits = len(models.fits)
    assert n_fits == 1 + 2 * 6  # the base, and each item loose and free
    pd.testing.assert_frame_equal(models.compare(every).table, first)
    assert len(models.fits) == n_fits
    models.compare(np.arange(6) != 1)
    assert len(models.fits) == n_fits + 2 * 5  # all three of i1 were known


def test_steep_items_get_as_many_nodes_as_their_curves_need(rng):
    theta = rng.normal(size=500)
    made = 0.96 * theta[:, None] + 0.28 * rng.normal(size=(500, 5))
    codes = np.searchsorted([-1.0, 0.0, 1.0], made.ravel()).reshape(made.shape)
    checked = check_responses(pd.DataFrame(codes).add_prefix("i"))
    groups = as_groups(np.arange(500) % 2, checked)
    task = Task(checked, groups, "likelihood_ratio", "total", "both", 0.01, 0.2, 5)
    ours, fine = GroupModels.of(task), GroupModels.of(task)
    fine.data = replace(fine.data, nodes=grid(301))
    every = np.ones(5, bool)
    tables = [models.compare(every).table for models in (ours, fine)]
    for name in ("chi2_uniform", "chi2_total"):
        np.testing.assert_allclose(*(table[name] for table in tables), atol=5e-4)
    assert len(ours.data.nodes) < 122


def test_normals_of_several_groups_are_those_of_each(rng):
    nodes, mean, log_sd = grid(31), rng.normal(size=3), rng.normal(size=3) / 3
    together = normals_at(nodes[:, 0], mean, log_sd)
    alone = Normal(nodes, is_mean_free=True, is_sd_free=True)
    for g in range(3):
        values = np.array([mean[g], log_sd[g]])
        assert together.log_weights[g] == pytest.approx(alone.log_weights(values))
        assert together.slopes[g] == pytest.approx(alone.slopes(values), abs=1e-12)


def test_planted_items_alone_are_flagged_after_purification(answers):
    table, group = answers
    found = dif(table, group, method="likelihood_ratio", criterion="p")
    assert set(found.flagged) == {"i1", "i4"}
    assert found.table.loc["i1", "signed_difference"] < -0.2
