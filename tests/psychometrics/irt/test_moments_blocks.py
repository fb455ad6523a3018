"""Moments of many items are worked out some at a time."""

import numpy as np

import psychometrics as pm
from psychometrics.irt import moments
from psychometrics.irt.moments import ExpectedMoments, category_moments, mean_moments


def test_how_many_moments_are_made_at_a_time_changes_nothing(monkeypatch):
    made = pm.simulate.responses(
        300, rng=1, loadings=[[0.6]] * 7, thresholds=(-0.8, 0.6)
    ).responses
    fitted = pm.graded_response(made, se=False)
    kinds = mean_moments(7, 3), category_moments(np.full(7, 3))
    at_once = [ExpectedMoments.of(fitted, kind).covariance for kind in kinds]
    monkeypatch.setattr(moments, "BLOCK", 11)
    for kind, whole in zip(kinds, at_once):
        in_parts = ExpectedMoments.of(fitted, kind).covariance
        np.testing.assert_allclose(in_parts, whole, rtol=0, atol=1e-14)
        np.testing.assert_allclose(whole, whole.T, rtol=0, atol=1e-14)
        assert np.linalg.eigvalsh(whole)[0] > 0
