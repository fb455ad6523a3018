"""Thresholds that reproduce the sample's are left out of the search and the test."""

import gc
import weakref

import numpy as np
import pandas as pd
import pytest

from psychometrics import confirm, population_of
from psychometrics.cfa.data import sample_moments
from psychometrics.cfa.data.sample_moments import correlation_moments, ordinal_moments
from psychometrics.cfa.estimation import weighted_least_squares
from psychometrics.cfa.estimation.discrepancy import (
    saturated_thresholds,
    traces,
    without_thresholds,
)
from psychometrics.cfa.estimation.weighted_least_squares import estimate_from_moments
from psychometrics.report.study import prepare_study

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"
STATED = (
    "f =~ .7*x1 + .6*x2 + .8*x3\ng =~ .6*y1 + .7*y2 + .5*y3\nf ~~ .4*g\nx1 ~~ .1*y1"
)
CODES = [np.arange(4)] * 6


@pytest.fixture(scope="module")
def answers():
    made = population_of(STATED, thresholds=(-0.8, 0.2, 1.0))
    return made.draw(400, np.random.default_rng(3), missing=0.1)


@pytest.mark.parametrize("options", [{}, {"parameterization": "theta"}])
def test_the_whole_problem_has_its_minimum_and_its_traces_there(answers, options):
    fitted = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise", **options)
    problem = fitted.evidence.problem
    theta = fitted.free_values()
    gradient, information = problem.slope(theta)
    assert abs(gradient).max() < 1e-6
    whole = traces(problem, problem.jacobians(theta), information)
    left = np.delete(theta, saturated_thresholds(problem.structures))
    inner = problem.of_correlations
    found = traces(inner, inner.jacobians(left), inner.slope(left)[1])
    assert found == pytest.approx(whole, rel=1e-9)


def test_correlations_alone_give_the_indices_of_the_whole(answers):
    fitted = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise")
    structures = fitted.evidence.problem.structures
    places = saturated_thresholds(structures)
    data = answers.to_numpy(), list(answers), CODES
    moments = correlation_moments(*data, weighted=True)
    assert moments.gamma == pytest.approx(
        ordinal_moments(*data, weighted=True).correlations.gamma
    )
    alone = estimate_from_moments(
        fitted.table,
        without_thresholds(structures, places),
        [moments],
        detail="indices",
        start=np.delete(fitted.free_values(), places),
    ).fit
    for name in ("cfi_scaled", "tli_scaled", "rmsea_scaled", "srmr", "df"):
        assert alone[name] == pytest.approx(fitted.fit[name], abs=1e-8), name


def test_codes_alone_are_drawn_as_frames_are_and_have_the_same_moments():
    made = population_of(STATED, thresholds=(-1.5, 0.2, 2.0))
    frame, again = made.draw_whole(150, np.random.default_rng(5))
    codes, tries = made.draw_codes(150, np.random.default_rng(5))
    assert tries == again
    assert (codes == frame.to_numpy()).all()
    for moments_of in (correlation_moments, ordinal_moments):
        plain = moments_of(frame.to_numpy(), list(frame), CODES, weighted=True)
        alone = moments_of(codes, list(frame), CODES, weighted=True)
        assert (alone.values == plain.values).all()
        assert (alone.gamma == plain.gamma).all()


def test_single_precision_keeps_six_digits_of_the_scaled_indices(answers):
    fitted = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise")
    data = answers.to_numpy(), list(answers), CODES
    places = saturated_thresholds(fitted.evidence.problem.structures)
    rough = estimate_from_moments(
        fitted.table,
        without_thresholds(fitted.evidence.problem.structures, places),
        [correlation_moments(*data, weighted=True, dtype=np.float32)],
        detail="indices",
        start=np.delete(fitted.free_values(), places),
    ).fit
    for name in ("cfi_scaled", "tli_scaled", "rmsea_scaled", "srmr"):
        assert rough[name] == pytest.approx(fitted.fit[name], abs=1e-6), name


def test_a_sample_settled_less_closely_has_seven_digits_of_every_index():
    made = population_of(STATED, thresholds=(-1.5, 0.2, 2.0))
    drawn = made.draw_whole(150, np.random.default_rng(5))[0]
    fitted = confirm(MODEL, drawn, estimator="wlsmv")
    places = saturated_thresholds(fitted.evidence.problem.structures)
    start = np.delete(fitted.free_values(), places)
    rough, close = (
        estimate_from_moments(
            fitted.table,
            without_thresholds(fitted.evidence.problem.structures, places),
            [correlation_moments(drawn.to_numpy(), list(drawn), CODES, weighted=True)],
            detail="indices",
            start=start + 0.05,
            tol=tol,
        )
        for tol in (1e-9, 1e-13)
    )
    assert rough.n_iter < close.n_iter
    for name in ("cfi_scaled", "tli_scaled", "rmsea_scaled", "srmr"):
        assert rough.fit[name] == pytest.approx(close.fit[name], abs=5e-8), name


def test_moments_of_a_simulated_sample_go_once_they_are_fitted(answers):
    fitted = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise")
    structures = fitted.evidence.problem.structures
    places = saturated_thresholds(structures)
    data = answers.to_numpy(), list(answers), CODES
    moments = correlation_moments(*data, weighted=True)
    gc.collect()
    gc.disable()
    try:
        estimate_from_moments(
            fitted.table,
            without_thresholds(structures, places),
            [moments],
            detail="indices",
            start=np.delete(fitted.free_values(), places),
        )
        left = weakref.ref(moments)
        del moments
        assert left() is None
    finally:
        gc.enable()


def test_models_of_the_same_answers_share_their_moments(answers):
    one = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise")
    other = confirm(
        "f =~ x1 + x2 + x3 + y1 + y2 + y3", answers.copy(), estimator="wlsmv"
    )
    turned = confirm(MODEL, 3 - answers, estimator="wlsmv", missing="pairwise")
    moments = [fit.evidence.problem.moments[0] for fit in (one, other, turned)]
    assert moments[0] is moments[1]
    assert moments[0] is not moments[2]


def test_moments_are_let_go_with_the_last_model_of_them(answers):
    fitted = confirm(MODEL, answers, estimator="wlsmv", missing="pairwise")
    moments = weakref.ref(fitted.evidence.problem.moments[0])
    del fitted
    gc.collect()
    assert moments() is None


def test_a_report_keeps_rival_models_without_their_moments(answers, monkeypatch):
    known = weakref.WeakValueDictionary()
    monkeypatch.setattr(sample_moments, "IN_USE", known)
    scales = {"f": ["x1", "x2", "x3"], "g": ["y1", "y2", "y3"]}
    study = prepare_study(answers, scales)
    assert len(study.rivals.fitted) == 2
    gc.collect()
    assert not known


@pytest.mark.parametrize("options", [{}, {"parameterization": "theta"}])
def test_modification_indices_do_not_depend_on_how_many_are_made_at_once(
    answers, monkeypatch, options
):
    options = options | {"estimator": "wlsmv", "missing": "pairwise"}
    together = confirm(MODEL, answers, **options).modification_indices()
    monkeypatch.setattr(weighted_least_squares, "CANDIDATES", 4)
    by_fours = confirm(MODEL, answers, **options).modification_indices()
    pd.testing.assert_frame_equal(together, by_fours, rtol=1e-9)


def test_thresholds_that_are_equal_over_groups_stay_in_the_search(answers):
    groups = np.arange(400) % 2
    fitted = confirm(
        MODEL,
        answers,
        estimator="wlsmv",
        missing="pairwise",
        groups=groups,
        equal=("thresholds",),
    )
    assert fitted.evidence.problem.of_correlations is None
