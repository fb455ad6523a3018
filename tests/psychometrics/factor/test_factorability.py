"""Sampling adequacy, sphericity and condition of a correlation matrix."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    InvalidResponses,
    NotIdentified,
    bartlett_sphericity,
    conditioning,
    kmo,
)


def equicorrelated(r, n_items=5):
    names = [f"q{j}" for j in range(n_items)]
    values = np.full((n_items, n_items), float(r))
    np.fill_diagonal(values, 1)
    return pd.DataFrame(values, index=names, columns=names)


def test_adequacy_of_equal_correlations_has_a_closed_form():
    r, n_items = 0.4, 5
    partial = r / (1 + (n_items - 2) * r)
    found = kmo(equicorrelated(r, n_items))
    assert found.overall == pytest.approx(r**2 / (r**2 + partial**2))
    np.testing.assert_allclose(found.per_item, found.overall)


def test_sphericity_rejects_at_its_level_when_nothing_correlates(rng):
    p = [
        bartlett_sphericity(np.corrcoef(rng.normal(size=(200, 6)), rowvar=False), 200).p
        for _ in range(400)
    ]
    assert 0.025 < np.mean(np.array(p) < 0.05) < 0.075


def test_determinant_and_condition_are_those_of_the_eigenvalues():
    found = conditioning(equicorrelated(0.5, 3))
    assert found.determinant == pytest.approx(0.5)
    assert found.log_determinant == pytest.approx(np.log(0.5))
    assert found.condition == pytest.approx(4)
    assert "determinant 0.5" in found.summary()


def test_items_that_determine_each_other_are_named():
    corr = equicorrelated(0.3)
    corr.loc["q1", "q2"] = corr.loc["q2", "q1"] = 1
    for call in (kmo, lambda matrix: bartlett_sphericity(matrix, 100)):
        with pytest.raises(NotIdentified, match="q1, q2 determine each other"):
            call(corr)


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda c: c.iloc[:3], "3 x 5"),
        (lambda c: c * 2, "between -1 and 1"),
        (lambda c: c * 0.5, "no unit diagonal"),
        (lambda c: c.assign(q1=[0.2, 1, 0.3, 0.3, 0.3]), "not symmetric"),
        (lambda c: c.mask(c == 0.3), "nan for q0 and q1"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(change, said):
    with pytest.raises(InvalidResponses, match=said):
        kmo(change(equicorrelated(0.3)))


def test_a_picture_marks_where_items_stop_fitting():
    assert len(kmo(equicorrelated(0.4)).plot().patches) == 5
