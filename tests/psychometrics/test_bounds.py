"""No search ends at a bound without a word.

Each module that searches between bounds is listed with the public calls by which a
bound is reached here, or with the reason why its bound cannot be the answer; each that
searches without bounds with calls whose optimum lies nowhere. A new module with a
search has to be added.
"""

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

import psychometrics as ps

SEARCHES = re.compile(
    r"\b(bounded_newton|brentq|LARGEST_CORRELATION|AT_THE_LIMIT|LIMIT|LOWEST|minimize"
    r"|milp)\b"
)
ENDS_OF_INTERVALS = "the root lies between ends that are moved until it does"
MODULES = {
    "correlation/polychoric_pair.py": ("polychoric_pair",),
    "correlation/polyserial.py": ("polyserial",),
    "correlation/two_step_polychoric.py": ("polychoric", "tetrachoric"),
    "factor/bootstrap_loadings.py": ("bootstrap_loadings",),
    "factor/extraction.py": ("explore, minres", "explore, ml"),
    "factor/ml_newton.py": ("explore, minres", "omega"),
    "factor/sample_size.py": "counts the samples whose answer is at the bound",
    "irt/persons.py": ("persons, ml",),
    "items/assembly.py": "a programme's bounds are what was asked for",
    "noncentral_chi_square.py": ENDS_OF_INTERVALS,
    "optimise.py": "the search itself: who calls it is listed",
    "reliability/rating_variances.py": ("icc, reml",),
}


def heywood():
    """Correlations of six items, of which one takes more than there is."""
    loadings = np.array([1.02, 0.6, 0.5, 0.6, 0.5, 0.4])
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1.0)
    names = [f"q{k}" for k in range(6)]
    return pd.DataFrame(corr, names, names)


def impossible():
    """Answers of which one item holds most of what the others share, and more."""
    rng = np.random.default_rng(4)
    loadings = np.array([0.99, 0.4, 0.3, 0.4, 0.3, 0.3])
    drawn = rng.normal(size=(40, 1)) * loadings
    drawn += rng.normal(size=(40, 6)) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(drawn, columns=[*heywood()])


def separated():
    """A score that tells every category of an item apart, and the item."""
    score = ndtri((np.arange(200) + 0.5) / 200)
    return pd.Series(score, name="s"), pd.Series(np.arange(200) // 50, name="c")


def nested():
    """Two items, of which nobody says yes to the second alone."""
    first = np.repeat([0, 1], 60)
    second = np.where(np.arange(120) < 90, 0, 1)
    return pd.DataFrame({"a": first, "b": second})


def flat_items():
    """One item that bears on theta and three that hardly do."""
    names = [f"q{k}" for k in range(4)]
    slopes = np.array([2.0, 0.05, 0.05, 0.05])
    cuts = np.array([[2.0, 0.0, -2.0]] * 4)
    parameters = ps.ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"a": slopes}, index=names),
        intercepts=pd.DataFrame(cuts, index=names, columns=[1, 2, 3]),
        categories={name: np.arange(4) for name in names},
    )
    return parameters, pd.DataFrame([[3, 3, 3, 2], [2, 1, 1, 2]], columns=names)


def alike():
    """Ratings of raters whose means are all but the same, one of them missing."""
    errors = np.array([np.roll([1.0, -1, 2, -2], turn) for turn in range(20)])
    ratings = np.arange(20.0)[:, None] % 7 + errors
    ratings[0, 0] = np.nan
    return ratings


CALLS = {
    "explore, minres": lambda: ps.explore(None, 1, corr=heywood(), n_obs=200),
    "explore, ml": lambda: ps.explore(
        None, 1, corr=heywood(), n_obs=200, extraction="ml"
    ),
    "omega": lambda: ps.omega(None, 2, corr=heywood(), n_obs=200),
    "bootstrap_loadings": lambda: ps.bootstrap_loadings(
        impossible(), 1, corr="pearson", n_replications=5
    ),
    "polychoric": lambda: ps.polychoric(nested(), smooth=False),
    "tetrachoric": lambda: ps.tetrachoric(nested(), smooth=False),
    "polychoric_pair": lambda: ps.polychoric_pair(*(nested()[x] for x in "ab")),
    "polyserial": lambda: ps.polyserial(*separated()),
    "icc, reml": lambda: ps.icc(alike(), missing="reml"),
    "persons, ml": lambda: flat_items()[0].persons(flat_items()[1], "ml"),
}


def test_every_module_that_searches_between_bounds_is_listed():
    root = Path(ps.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if SEARCHES.search(path.read_text())
    }
    assert found == set(MODULES)


def test_every_public_call_that_is_listed_is_walked():
    listed = {
        name for calls in MODULES.values() if isinstance(calls, tuple) for name in calls
    }
    assert listed == set(CALLS)
    functions = {name.split(",")[0] for name in listed} - {"persons"}
    assert functions <= set(ps.__all__)


@pytest.mark.parametrize("name", CALLS)
def test_an_answer_at_a_bound_is_announced(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = CALLS[name]()
    said = [w for w in caught if issubclass(w.category, ps.PsychometricsWarning)]
    heard = " ".join([*(str(w.message) for w in said), found.summary()])
    assert re.search("limit|Heywood|12 or beyond|bound|no unique variance", heard), (
        heard
    )


UNBOUNDED = re.compile(r"\b(quasi_newton|gauss_newton|least_squares|optimise)\(")
UNBOUNDED_MODULES = {
    "cfa/estimation/discrepancy.py": ("confirm", "invariance"),
    "cfa/estimation/maximum_likelihood.py": ("confirm", "invariance"),
    "cfa/estimation/optimiser.py": ("confirm", "invariance"),
    "cfa/estimation/robust_ml_fit.py": ("confirm, mlr",),
    "cfa/estimation/weighted_least_squares.py": ("confirm, wlsmv",),
    "differential_item_functioning/likelihood_ratio.py": ("dif",),
    "irt/bifactor.py": ("bifactor_graded",),
    "irt/estimation.py": (
        "generalized_partial_credit",
        "graded_response",
        "mixed_response",
        "multidimensional_graded",
        "multiple_group",
        "nominal_response",
        "partial_credit",
    ),
    "irt/linking.py": "two numbers that line up curves of slopes that are finite",
    "optimise.py": "the search itself: who calls it is listed",
}


def guttman():
    """Answers that each item splits perfectly: no slope is steep enough."""
    total = np.arange(120) // 20
    return pd.DataFrame({f"q{k}": (total > k).astype(int) for k in range(5)})


def cut():
    """The impossible item's answers, more of them, in four categories."""
    rng = np.random.default_rng(4)
    drawn = rng.normal(size=(300, 1)) * 0.6 + 0.8 * rng.normal(size=(300, 4))
    drawn[:, 1] = drawn[:, 0] + 0.05 * rng.normal(size=300)
    codes = np.digitize(drawn, [-1.0, 0.0, 1.0])
    return pd.DataFrame(codes, columns=list("abcd"))


MODEL = "f =~ " + " + ".join(heywood())
HALVES = {"one": ["q0", "q1"], "two": ["q2", "q3", "q4"]}
SIDES = np.arange(120) % 2
RUNAWAYS = {
    "confirm": lambda: ps.confirm(MODEL, impossible(), estimator="ml"),
    "confirm, mlr": lambda: ps.confirm(MODEL, impossible(), estimator="mlr"),
    "confirm, wlsmv": lambda: ps.confirm("f =~ a + b + c + d", cut()),
    "invariance": lambda: ps.invariance(
        MODEL,
        pd.concat([impossible(), 1.1 * impossible()], ignore_index=True),
        groups=np.repeat([0, 1], 40),
        estimator="ml",
        steps=("loadings",),
    ),
    "dif": lambda: ps.dif(
        pd.concat([guttman()] * 2, ignore_index=True),
        np.repeat([0, 1], 120),
        method="likelihood_ratio",
    ),
    "bifactor_graded": lambda: ps.bifactor_graded(guttman(), HALVES, n_nodes=9),
    "generalized_partial_credit": lambda: ps.generalized_partial_credit(guttman()),
    "graded_response": lambda: ps.graded_response(guttman()),
    "mixed_response": lambda: ps.mixed_response(
        guttman(), kinds=dict.fromkeys(guttman(), "graded")
    ),
    "multidimensional_graded": lambda: ps.multidimensional_graded(
        guttman(), HALVES, n_nodes=9
    ),
    "multiple_group": lambda: ps.multiple_group(guttman(), groups=SIDES),
    "nominal_response": lambda: ps.nominal_response(guttman()),
    "partial_credit": lambda: ps.partial_credit(guttman()),
}


def test_every_module_that_searches_without_bounds_is_listed():
    root = Path(ps.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if UNBOUNDED.search(path.read_text())
    }
    assert found == set(UNBOUNDED_MODULES)
    calls = {
        name
        for own in UNBOUNDED_MODULES.values()
        if isinstance(own, tuple)
        for name in own
    }
    assert calls == set(RUNAWAYS)


@pytest.mark.parametrize("name", RUNAWAYS)
def test_an_optimum_that_is_nowhere_is_refused_or_announced(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            heard = RUNAWAYS[name]().summary()
        except ps.NotIdentified as refused:
            heard = str(refused)
    said = [w for w in caught if issubclass(w.category, ps.PsychometricsWarning)]
    heard += " ".join(str(w.message) for w in said)
    assert re.search("would grow on|Heywood|wider than|nearly in two", heard), heard


@pytest.mark.parametrize("slopes", [[30, -0.05, 30, -0.05], [30, -0.05, -0.05, -0.05]])
def test_weighted_likelihood_ends_within_the_limit_at_steep_and_flat_slopes(slopes):
    """A steep item hides what flat ones say; the weight still has a maximum."""
    flat, _ = flat_items()
    parameters = ps.ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"a": slopes}, index=flat.items, dtype=float),
        intercepts=flat.intercepts.mul(np.maximum(1, np.abs(slopes)), axis=0),
        categories=flat.categories,
    )
    every = np.stack(np.meshgrid(*[range(4)] * 4), axis=-1).reshape(-1, 4)
    found = parameters.persons(pd.DataFrame(every, columns=flat.items), "wle")
    assert found.theta.abs().max() < 3
    assert np.isfinite(found.se).all() and found._caveats() == ()


def test_weighted_likelihood_of_flat_slopes_alone_says_where_it_ended():
    flat, answers = flat_items()
    slopes = pd.DataFrame({"a": [-0.05] * 4}, index=flat.items)
    parameters = ps.ItemParameters(
        model="graded",
        slopes=slopes,
        intercepts=flat.intercepts,
        categories=flat.categories,
    )
    with pytest.warns(ps.PsychometricsWarning, match="12 or beyond"):
        parameters.persons(answers, "wle")
