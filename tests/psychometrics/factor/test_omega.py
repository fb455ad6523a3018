import numpy as np
import pandas as pd
import pytest

from psychometrics import HeywoodWarning, omega, simulate
from psychometrics.factor.omega import (
    general_loadings,
    replicability,
    uncontaminated,
)

GENERAL = np.array([0.8, 0.7, 0.6])


def population(general=GENERAL, loading=0.7, items=4):
    """Correlations with one general factor above group factors of equal items."""
    m = len(general)
    phi = np.outer(general, general)
    np.fill_diagonal(phi, 1.0)
    pattern, _ = simulate.simple_structure(m, items, loading=loading)
    corr = pattern.to_numpy() @ phi @ pattern.to_numpy().T
    np.fill_diagonal(corr, 1.0)
    return pd.DataFrame(corr, pattern.index, pattern.index), pattern.to_numpy()


def test_population_values_are_those_of_the_model():
    corr, pattern = population()
    found = omega(None, 3, corr=corr, n_obs=500)
    on_general = pattern @ GENERAL
    total = corr.to_numpy().sum()
    assert found.omega_hierarchical == pytest.approx(on_general.sum() ** 2 / total)
    assert found.omega_total == pytest.approx(1 - 12 * (1 - 0.49) / total)
    assert found.ecv == pytest.approx((GENERAL**2).mean())
    assert found.puc == pytest.approx(48 / 66)


def test_reversed_items_are_reversed_and_named():
    corr, _ = population()
    signs = np.ones(12)
    signs[[1, 6]] = -1
    turned = omega(None, 3, corr=corr * np.outer(signs, signs), n_obs=500)
    plain = omega(None, 3, corr=corr, n_obs=500)
    assert (turned.key.to_numpy() == signs).all()
    assert turned.omega_hierarchical == pytest.approx(plain.omega_hierarchical)
    assert "Reversed: i2, i7" in turned.summary()


def test_two_group_factors_share_their_correlation_equally():
    assert general_loadings(np.array([[1, 0.36], [0.36, 1]])) == pytest.approx(
        [0.6, 0.6]
    )
    turned = general_loadings(np.array([[1, -0.36], [-0.36, 1]]))
    assert turned == pytest.approx([0.6, -0.6])
    corr, _ = population(np.array([0.6, 0.6]))
    assert "taken as equal" in omega(None, 2, corr=corr, n_obs=300).summary()


def test_uncorrelated_factors_leave_no_general_variance():
    corr, _ = population(np.array([0.0, 0.0, 0.0]))
    assert omega(None, 3, corr=corr, n_obs=500).omega_hierarchical < 1e-6


def test_a_group_factor_that_is_the_general_one_is_announced():
    corr, _ = population(np.array([0.9999, 0.5, 0.5]))
    with pytest.warns(HeywoodWarning, match="general factor is all but"):
        omega(None, 3, corr=corr, n_obs=500)


def test_a_general_loading_above_one_is_taken_as_one_and_said():
    """No table of NaN with every item in one group: PUC is that of three groups."""
    phi = np.array([[1, 0.8, 0.7], [0.8, 1, 0.3], [0.7, 0.3, 1]])  # .8 x .7 > .3
    pattern, _ = simulate.simple_structure(3, 4, loading=0.7)
    shared = pattern.to_numpy() @ phi @ pattern.to_numpy().T
    corr = pd.DataFrame(shared, pattern.index, pattern.index)
    corr = corr.where(~np.eye(12, dtype=bool), 1.0)
    with pytest.warns(HeywoodWarning):
        found = omega(None, 3, corr=corr, n_obs=500)
    assert found.general.abs().max() > 1
    assert found.puc == pytest.approx(48 / 66)
    assert np.isfinite(found.schmid_leiman.to_numpy()).all()
    assert found.subscales["n_items"].tolist() == [12, 4, 4, 4]
    assert 0 < found.omega_hierarchical <= found.omega_total <= 1
    assert "taken as 1" in found.summary() and "inadmissible" in found.summary()


def test_parts_of_subscales_add_up():
    corr, _ = population()
    parts = omega(None, 3, corr=corr, n_obs=500).subscales.iloc[1:]
    assert np.allclose(parts["omega_total"], parts["general"] + parts["group"])
    assert (parts["n_items"] == 4).all()


def test_uncontaminated_pairs_are_counted():
    assert uncontaminated(np.array([2, 2])) == pytest.approx(4 / 6)
    assert uncontaminated(np.array([5])) == 0


def test_replicability_of_equal_loadings_is_their_composite_reliability():
    h = replicability(np.full(6, 0.7))
    assert h == pytest.approx(6 * 0.49 / (6 * 0.49 + 0.51))


def test_answers_and_their_correlations_give_the_same_omega():
    corr, pattern = population()
    phi = np.outer(GENERAL, GENERAL)
    np.fill_diagonal(phi, 1.0)
    data = simulate.responses(
        400,
        rng=np.random.default_rng(1),
        loadings=pattern,
        factor_corr=phi,
        thresholds=(-1, 0, 1),
    ).responses
    from_data = omega(data, 3)
    from_corr = omega(None, 3, corr=data.corr(), n_obs=400)
    assert from_data.omega_hierarchical == pytest.approx(from_corr.omega_hierarchical)
    assert from_data.plot().get_xlabel() == "share of the item's variance"


def test_the_worked_example_of_the_page_holds():
    corr, _ = population(np.array([0.5, 0.5]), loading=0.8, items=2)
    phi = np.array([[1, 0.25], [0.25, 1]])
    assert general_loadings(phi) == pytest.approx([0.5, 0.5])
    on_general, total = np.full(4, 0.4), corr.to_numpy().sum()
    assert total == pytest.approx(7.84)
    assert on_general.sum() ** 2 / total == pytest.approx(0.327, abs=5e-4)
    assert 1 - 4 * 0.36 / total == pytest.approx(0.816, abs=5e-4)
    assert uncontaminated(np.array([2, 2])) == pytest.approx(0.667, abs=5e-4)
