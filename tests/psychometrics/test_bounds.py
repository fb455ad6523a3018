"""No search ends at a bound without a word.

Each module that searches between bounds is listed with the public calls by which a
bound is reached here, or with the reason why its bound cannot be the answer. A new
module with such a search has to be added.
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
    "cfa/fit/fit_indices.py": ENDS_OF_INTERVALS,
    "correlation/polychoric_pair.py": ("polychoric_pair",),
    "correlation/polyserial.py": ("polyserial",),
    "correlation/two_step_polychoric.py": ("polychoric", "tetrachoric"),
    "factor/bootstrap_loadings.py": ("bootstrap_loadings",),
    "factor/extraction.py": ("explore, minres", "explore, ml"),
    "factor/factor_fit.py": ENDS_OF_INTERVALS,
    "factor/ml_newton.py": ("explore, minres", "omega"),
    "factor/sample_size.py": "counts the samples whose answer is at the bound",
    "irt/limited_information.py": ENDS_OF_INTERVALS,
    "irt/persons.py": ("persons, ml",),
    "items/assembly.py": "a programme's bounds are what was asked for",
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
    assert re.search(
        "limit|Heywood|12 or beyond|bound|no unique variance", heard
    ), heard
