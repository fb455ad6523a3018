"""What may not change an estimate does not: orders, where codes begin, which way round.

No outside reference is needed for these: whatever an estimate is of these answers, it
is the same of the same answers told otherwise. All that takes answers is walked.
"""

import inspect
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps

from .test_public_face_troubles import CALLS, SLOW, answers, model, numbers

TOLD_OTHERWISE = {
    "persons in another order": lambda f: f.sample(frac=1, random_state=3),
    "items in another order": lambda f: f[["q4", "q1", "q6", "q2", "q5", "q3"]],
    "codes that begin higher": lambda f: f + 3,
    "every item turned": lambda f: 5 - f,
}
OF_THE_CODES = dict.fromkeys(
    ("aikens_v", "check_responses", "code_reasons", "content_validity", "score")
    + ("describe_items", "group_mean_chart", "mean_interval", "reliable_change")
    + ("unit_reliability", "xbar_s_chart", "xmr_chart", "tetrachoric"),
    "is of the codes themselves",
) | {"confirm by ml": "has intercepts", "little_mcar": "has means"}
FROM_THE_LOWEST = "fills groups of rest scores from the lowest up"
WHY_NOT = {
    "persons in another order": dict.fromkeys(
        ("retest_items", "xbar_s_chart", "xmr_chart"), "takes rows as they come"
    ),
    "items in another order": dict.fromkeys(
        ("aikens_v", "bland_altman", "compare_forms", "group_change", "reliable_change")
        + (
            "polychoric_pair",
            "test_retest",
            "weighted_kappa",
            "longitudinal_invariance",
        ),
        "compares the first columns as such",
    ),
    "codes that begin higher": OF_THE_CODES,
    "every item turned": OF_THE_CODES
    | {
        "invariant_ordering": FROM_THE_LOWEST,
        "monotonicity": FROM_THE_LOWEST,
        "nominal_response": "measures each category from the lowest",
    },
}


def draws(name):
    function = getattr(ps, name.split()[0], None)
    if not inspect.isfunction(function):
        return True
    return "rng" in inspect.signature(function).parameters


@pytest.fixture(scope="module")
def base():
    """The sound scale with one answer in twenty missing."""
    whole = answers("none")
    return whole.mask(np.random.default_rng(6).random(whole.shape) < 0.05)


def sizes(outcome):
    """The numbers of a result without their order and sign, or the error's kind."""
    if isinstance(outcome, ps.PsychometricsError):
        return type(outcome)
    found = np.abs(numbers(outcome).ravel().astype(float))
    return np.sort(found[~np.isnan(found)])


def asked(name, frame):
    """The sizes of what one call makes of a frame, or the kind of its refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ps.PsychometricsWarning)
        try:
            return sizes(CALLS[name](frame))
        except ps.PsychometricsError as refusal:
            return sizes(refusal)


@pytest.fixture(scope="module")
def as_it_is(base):
    """What each call makes of the answers as they are, asked once."""
    return cache(lambda name: asked(name, base))


@pytest.mark.parametrize("told", TOLD_OTHERWISE)
def test_the_same_answers_told_otherwise_give_the_same_numbers(base, as_it_is, told):
    other = TOLD_OTHERWISE[told](base)
    for name in sorted(CALLS.keys() - SLOW - WHY_NOT[told].keys()):
        if draws(name):
            continue
        expected, found = as_it_is(name), asked(name, other)
        if isinstance(expected, type) or isinstance(found, type):
            assert expected is found, f"{name}: {expected} and {found}"
            continue
        assert len(found) == len(expected), name
        np.testing.assert_allclose(
            found, expected, rtol=1e-4, atol=1e-5, err_msg=f"{name}: {told}"
        )


ESTIMATES = {
    "cronbach_alpha": lambda f: ps.cronbach_alpha(f).alpha,
    "describe_items": lambda f: ps.describe_items(f).to_frame()[["mean", "item_rest"]],
    "explore": lambda f: ps.explore(f, 1).loadings.abs(),
    "confirm": lambda f: ps.confirm(model(f), f, std_lv=True).loadings(),
    "confirm by ml": lambda f: ps.confirm(
        model(f), f, std_lv=True, estimator="mlr"
    ).loadings(),
    "generalized_partial_credit": lambda f: (
        ps.generalized_partial_credit(f).discrimination
    ),
    "graded_response": lambda f: ps.graded_response(f).thresholds,
    "kmo": lambda f: ps.kmo(ps.pearson(f).corr).per_item,
    "mcdonald_omega": lambda f: ps.mcdonald_omega(f).omega,
    "pearson": lambda f: ps.pearson(f).corr,
    "polychoric": lambda f: ps.polychoric(f).corr,
    "scalability": lambda f: ps.scalability(f).to_frame()["h_item"],
    "spearman": lambda f: ps.spearman(f).corr,
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_everybody_twice_is_as_everybody_with_a_weight_of_two(base, name):
    twice = pd.concat([base, base], ignore_index=True)
    once, both = (np.asarray(ESTIMATES[name](f), float) for f in (base, twice))
    np.testing.assert_allclose(both, once, rtol=1e-4, atol=1e-5)


def test_everybody_twice_halves_the_variance_of_an_estimate(base):
    twice = pd.concat([base, base], ignore_index=True)
    for errors in (
        lambda f: ps.graded_response(f).to_frame().filter(like="_se"),
        lambda f: ps.confirm(model(f), f, std_lv=True).to_frame()["se"],
    ):
        once, both = (np.asarray(errors(f), float) for f in (base, twice))
        known = once > 0
        np.testing.assert_allclose(once[known] / both[known], np.sqrt(2), rtol=0.01)
