from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from psychometrics import bootstrap_loadings, explore, simulate
from psychometrics.factor.bootstrap_loadings import align, congruences

LOADINGS, PHI = simulate.simple_structure(2, 5, correlation=0.4)
CUTS = (-1.0, 0.0, 1.0)


def answers(n_persons=400, seed=6):
    return simulate.responses(
        n_persons,
        rng=np.random.default_rng(seed),
        loadings=LOADINGS,
        factor_corr=PHI,
        thresholds=CUTS,
    ).responses


DATA = answers()


@pytest.mark.parametrize("rotation", ["oblimin", "promax", "geomin", "varimax", "none"])
@pytest.mark.parametrize("corr", ["polychoric", "pearson"])
def test_every_loading_has_an_interval_around_it(rotation, corr):
    found = bootstrap_loadings(DATA, 2, rotation=rotation, corr=corr, n_replications=40)
    table = found.intervals
    assert len(table) == 20
    assert (table["low"] < table["high"]).all()
    assert (abs(table["loading"] - (table["low"] + table["high"]) / 2) < 0.15).all()
    assert len(found.correlations) == (rotation in ("oblimin", "promax", "geomin"))


def test_a_resample_equals_explore_on_the_same_persons():
    from psychometrics.factor.bootstrap_loadings import ResamplePlan, fit_resample

    whole = explore(DATA, 2, corr="pearson")
    part = DATA.sample(len(DATA), replace=True, random_state=1)
    plan = ResamplePlan(
        "minres", "oblimin", "pearson", False, whole.loadings.to_numpy()
    )
    pattern, phi, _ = fit_resample(plan, part.to_numpy())
    again = explore(part.reset_index(drop=True), 2, corr="pearson")
    expected = align(
        again.loadings.to_numpy(), again.factor_corr.to_numpy(), plan.loadings
    )
    assert np.allclose(pattern, expected[0], atol=1e-6)
    assert np.allclose(phi, expected[1], atol=1e-6)


def test_resamples_do_not_depend_on_where_they_are_fitted():
    here = bootstrap_loadings(DATA, 2, n_replications=25, rng=2)
    with ThreadPoolExecutor(2) as executor:
        there = bootstrap_loadings(DATA, 2, n_replications=25, rng=2, executor=executor)
    assert here.intervals.equals(there.intervals)


def test_alignment_undoes_order_and_signs():
    rng = np.random.default_rng(3)
    pattern = rng.standard_normal((8, 3))
    phi = np.corrcoef(rng.standard_normal((3, 9)))
    order, signs = [2, 0, 1], np.array([-1.0, 1.0, -1.0])
    moved = pattern[:, order] * signs
    turned = phi[np.ix_(order, order)] * np.outer(signs, signs)
    back, back_phi = align(moved, turned, pattern)
    assert np.allclose(back, pattern)
    assert np.allclose(back_phi, phi)
    assert np.allclose(np.diag(congruences(back, pattern)), 1)


def test_factors_that_are_not_found_again_are_named():
    found = bootstrap_loadings(DATA, 3, n_replications=30)
    assert found.congruence.min() < 0.95
    assert "not found again reliably" in found.summary()


def test_resamples_in_which_an_item_does_not_vary_are_drawn_again_and_counted():
    data = answers(40)
    data["rare"] = (np.arange(40) < 1).astype(float)
    found = bootstrap_loadings(data, 2, corr="pearson", n_replications=30)
    assert found.n_redrawn > 5 and found.n_failed == 0
    assert f"{found.n_redrawn} of {found.n_redrawn + 30} samples" in found.summary()
    assert np.isfinite(found.intervals).all(axis=None)


def test_options_that_cannot_be_bootstrapped_are_named():
    with pytest.raises(ValueError, match="give one of minres, ml"):
        bootstrap_loadings(DATA, 2, extraction="wls")
    with pytest.raises(ValueError, match="oblimin"):
        bootstrap_loadings(DATA, 2, rotation="target")


def test_the_picture_has_one_row_an_item():
    found = bootstrap_loadings(DATA, 2, n_replications=20, corr="pearson")
    ax = found.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == list(DATA.columns)
