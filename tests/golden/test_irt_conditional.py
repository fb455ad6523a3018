"""Conditional maximum likelihood against both packages of the reference."""

from functools import cache

import numpy as np
import pytest

import psychometrics as pm
from tests.golden.agreement import compare
from tests.golden.irt_cases import answers
from tests.golden.reference import reference

FITTERS = {"PCM": pm.conditional_partial_credit, "RSM": pm.conditional_rating_scale}
CASES = [("bfi_N", "PCM"), ("bfi_N", "RSM"), ("acl", "PCM")]
CASES += [("science", "PCM"), ("science", "RSM")]
# eRm's own rating scale of bfi_N stopped away from the maximum
ERM = [case for case in CASES if case != ("bfi_N", "RSM")]


@cache
def fitted(data, model):
    return FITTERS[model](answers(data))


def psychotools(data, model):
    return reference(data, "rasch_cml")[f"psychotools_{model}"]["result"]


def erm(data, model):
    return reference(data, "rasch_cml")[model]["result"]


def flat(frame):
    return frame.stack().to_numpy()


def listed(node):
    return np.array(list(node.values()), float)


@pytest.mark.parametrize("data, model", CASES)
def test_thresholds_errors_and_likelihood(data, model):
    ours, theirs = fitted(data, model), psychotools(data, model)
    assert ours.n_parameters == theirs["npar"]
    name = f"conditional {model}"
    compare(name, [ours.log_likelihood], [theirs["logLik"]], atol=1e-4)
    compare(name, flat(ours.thresholds), listed(theirs["thresholds_flat"]), atol=1e-4)
    compare(name, flat(ours.standard_errors), listed(theirs["se"]), rtol=1e-4)


@pytest.mark.parametrize("data, model", ERM)
def test_erm_parameters_once_both_are_centred(data, model):
    """eRm's zero is elsewhere, and it stops a little early (a lower likelihood).

    Its easinesses of all categories sum to zero; in a rating scale the first ones do.
    """
    ours, theirs = fitted(data, model), erm(data, model)
    assert theirs["logLik"] <= ours.log_likelihood + 1e-6
    thresholds = flat(ours.thresholds)
    steps = np.array([step for _, step in ours.thresholds.stack().index])
    turn = _easiness(steps)
    share = turn.sum(axis=0) if model == "PCM" else (steps == 1).astype(float)
    move = np.eye(len(steps)) - np.outer(np.ones(len(steps)), share / share.sum())
    centred = move @ thresholds
    compare("eRm thresholds", centred, listed(theirs["thresholds"]), atol=5e-3)
    compare("eRm beta", turn @ centred, listed(theirs["betapar"]), atol=5e-3)
    there = ours.covariance.to_numpy()
    known = ours.thresholds.stack(future_stack=True).notna().to_numpy()
    spread = move @ there[np.ix_(known, known)] @ move.T
    errors = np.sqrt(np.diag(spread))
    compare("eRm se", errors, listed(theirs["thresholds_se"]), rtol=2e-3)
    beta_errors = np.sqrt(np.diag(turn @ spread @ turn.T))
    compare("eRm se", beta_errors, theirs["se_beta"], rtol=2e-3)


def _easiness(steps):
    """Minus the running sums of thresholds within each item."""
    starts = np.flatnonzero(steps == 1)
    item = np.searchsorted(starts, np.arange(len(steps)), side="right")
    same = item[:, None] == item
    return -np.tril(same.astype(float))


@pytest.mark.parametrize("data", ["bfi_N", "acl", "science"])
def test_erm_free_parameters_are_its_betas(data):
    theirs = erm(data, "PCM")
    minus = -listed(theirs["betapar"])[1:]
    compare("eRm eta", minus, listed(theirs["etapar"]), atol=1e-8)
    compare("eRm eta", theirs["se_beta"][1:], theirs["se_eta"], atol=1e-8)


FIT = {
    "infit": "infit_msq",
    "outfit": "outfit_msq",
    "infit_z": "infit_t",
    "outfit_z": "outfit_t",
    "chi2": "item_chisq",
    "df": "item_df",
}


@pytest.mark.parametrize("data, model", ERM)
@pytest.mark.parametrize("ours, there", FIT.items())
def test_item_fit(data, model, ours, there):
    found = fitted(data, model).item_fit()[ours]
    theirs = listed(erm(data, model)[there])
    compare("eRm item fit", found, theirs, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("data, model", ERM)
def test_persons_and_separation(data, model):
    """eRm extends the extreme scores by a spline; ours have no finite theta there."""
    ours, theirs = fitted(data, model).persons(), erm(data, model)
    theta = ours.theta.to_numpy()[:20]
    shift = np.array(theirs["theta_first20"], float) - theta
    known = np.isfinite(theta)
    centred = shift[known] - np.median(shift[known])
    compare("eRm theta", centred, np.zeros(known.sum()), atol=1e-3)
    errors = ours.se.to_numpy()[np.isfinite(ours.theta)][:10]
    there = listed(theirs["person_se_first20"])[:10]
    compare("eRm person se", errors, there, rtol=1e-3)
    found = fitted(data, model).separation()
    names = {"variance": "SSD.PS", "error": "MSE", "reliability": "sep.rel"}
    for ours_name, their_name in names.items():
        there = theirs["sep_rel"][their_name]
        compare("eRm separation", [found[ours_name]], [there], rtol=1e-3)


def test_andersen_at_the_median():
    found = pm.andersen_test(fitted("bfi_N", "PCM"))
    theirs = erm("bfi_N", "PCM")["LRtest_median"]
    compare("eRm Andersen", [found.chi2], [theirs["LR"]], atol=1e-3)
    assert (found.df, found.p < 1e-15) == (theirs["df"], theirs["p"] < 1e-15)
