"""Cut-offs of fit simulated for the very model, sample and answers.

After McNeish & Wolf (2023; one factor: 2022): samples are drawn from the fitted model
itself and from the same model with a known flaw, at levels that grow, and the model is
fitted to all.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from ..errors import NotIdentified, PsychometricsError
from ..execution import run_all
from ..results import Result, axes
from .confirm import estimate, prepared
from .population import population_of
from .rivals import COSMIN

_HIGH_IS_GOOD = ("cfi", "tli")


@dataclass(frozen=True, eq=False)
class DynamicCutoffs(Result):
    """Simulated cut-offs beside the fixed ones.

    Attributes
    ----------
    cutoffs : DataFrame
        One row an index: observed, fixed, true_model (what 95 % of samples from the
        fitted model stay within), flawed_model (what 95 % of samples from the most
        flawed model miss; NaN where it would lie beyond true_model, so that no cut-off
        keeps both errors at 5 %).
    levels : DataFrame
        One row a level of misspecification, the mildest first: flaw (in words) and for
        each index what 95 % of its samples miss, NaN as above.
    flaw : str
        The last level's.
    n_replications : int
    """

    cutoffs: pd.DataFrame
    levels: pd.DataFrame
    flaw: str
    n_replications: int

    def to_frame(self):
        return self.cutoffs

    @property
    def ruled_out(self):
        """For each index the mildest level that the observed fit is too good for.

        NaN where it is too good for none.
        """
        found = {}
        for name, observed in self.cutoffs["observed"].items():
            limits = self.levels[name]
            good = name in _HIGH_IS_GOOD
            better = observed >= limits if good else observed <= limits
            found[name] = min(self.levels.index[better], default=np.nan)
        return pd.Series(found, dtype=float)

    def _about(self):
        lines = [f"{self.n_replications} samples each; the flaw: {self.flaw}."]
        for level, row in self.levels.iterrows():
            limits = ", ".join(
                f"{name.upper()} {row[name]:.3f}"
                for name in COSMIN
                if np.isfinite(row[name])
            )
            lines.append(
                f"Level {level} ({row['flaw']}): {limits or 'not told apart'}."
            )
        return lines

    def plot(self, ax=None):
        """Draw observed values and cut-offs."""
        ax = axes(ax)
        self.cutoffs.plot.bar(ax=ax)
        return ax


def dynamic_cutoffs(
    fitted,
    *,
    n_replications=200,
    seed=1,
    flaw=0.3,
    misspecification=None,
    levels="all",
    executor=None,
    **options,
):
    """Simulate cut-offs for a fitted model of one group.

    Parameters
    ----------
    fitted : ConfirmedModel
    n_replications : int
        Samples drawn from each model.
    seed : int
        Of `numpy.random.SeedSequence`.
    flaw : float
        Size of the misspecification, standardised.
    misspecification : {"cross_loadings", "residual_correlations"}, optional
        What the fitted model leaves out. Cross-loadings (the choice with several
        factors): at level k an item of each of the first k factors loads on the next
        factor too. Residual correlations (with one factor): at levels 1, 2 and 3 in a
        third, two thirds and all of the pairs of neighbouring items.
    levels : {"all", "largest"}
        The last level alone takes less time.
    executor : concurrent.futures.Executor, optional
        Where the fits run.
    **options
        Of the `confirm` call that gave `fitted`, such as std_lv.

    Returns
    -------
    DynamicCutoffs

    Raises
    ------
    NotIdentified
        For more than one group, or a flaw that no covariance matrix has.
    """
    if len(fitted.groups) > 1:
        raise NotIdentified("cut-offs are simulated for one group at a time")
    right = population_of(fitted)
    wrong = flawed(fitted, right, flaw, misspecification)
    if levels == "largest":
        wrong = wrong[-1:]
    options = options | {"estimator": fitted.estimator}
    seeds = np.random.SeedSequence(seed).spawn(n_replications)
    fits = []
    for population in (right, *(one for one, _ in wrong)):
        one = partial(_indices, population, fitted.model, fitted.n, options)
        rows = [row for row in run_all(one, seeds, executor) if row is not None]
        if not rows:
            raise PsychometricsError("no sample of a simulated model could be fitted")
        fits.append(pd.DataFrame(rows))
    words = [text for _, text in wrong]
    table = _levels(fits, words)
    return DynamicCutoffs(
        _cutoffs(fitted, fits[0], table), table, words[-1], n_replications
    )


def flawed(fitted, population, size, misspecification=None):
    """Return the populations with flaws that the model leaves out, and their words.

    The mildest comes first; items keep their variances.
    """
    implied = fitted.implied[0]
    p = implied.p
    factors = [f for f in range(p, len(implied.A)) if implied.A[:p, f].any()]
    kind = misspecification or _usual(factors)
    if kind not in ("cross_loadings", "residual_correlations"):
        raise ValueError(
            f"misspecification={kind!r} is not known; use cross_loadings or "
            "residual_correlations"
        )
    if kind == "residual_correlations":
        return _residual_levels(fitted, population, size)
    if len(factors) < 2:
        raise NotIdentified("one factor has no other for items to load on")
    return _cross_levels(implied, population, size, factors)


def _usual(factors):
    return "residual_correlations" if len(factors) == 1 else "cross_loadings"


def _residual_levels(fitted, population, size):
    sd = np.sqrt(np.diag(population.cov))
    uniqueness = np.sqrt(np.clip(1 - fitted.r_squared()[list(fitted.items)], 0, 1))
    unique = uniqueness.to_numpy() * sd
    pairs = [(i, i + 1) for i in range(0, len(sd) - 1, 2)]
    n_levels, found = min(3, len(pairs)), []
    for level in range(1, n_levels + 1):
        count = -(-len(pairs) * level // n_levels)
        cov = population.cov.copy()
        for i, j in pairs[:count]:
            cov[i, j] = cov[j, i] = cov[i, j] + size * unique[i] * unique[j]
        words = f"{count} pair(s) of neighbours have residuals correlated {size}"
        if level == n_levels:
            words = f"every second pair of neighbours has residuals correlated {size}"
        found.append((replace(population, cov=_definite(cov)), words))
    return found


def _cross_levels(implied, population, size, factors):
    p, sd = implied.p, np.sqrt(np.diag(population.cov))
    extra, found = np.zeros((p, len(implied.A))), []
    for f, other in zip(factors, [*factors[1:], factors[0]]):
        free = np.flatnonzero((implied.A[:p, f] != 0) & (implied.A[:p, other] == 0))
        if not len(free):
            continue
        item = free[0]
        sign = np.sign(implied.full[item, other]) or 1.0
        extra[item, other] = (
            sign * size * sd[item] / np.sqrt(implied.full[other, other])
        )
        change = extra @ implied.full[:, :p]
        cov = population.cov + change + change.T + extra @ implied.full @ extra.T
        scale = sd / np.sqrt(np.diag(cov))
        words = f"{len(found) + 1} item(s) load {size} on the next factor too"
        wrong = replace(population, cov=_definite(cov * np.outer(scale, scale)))
        found.append((wrong, words))
    if not found:
        raise NotIdentified("all items load on all factors; no cross-loading is left")
    if len(found) == len(factors):
        words = f"one item a factor loads {size} on the next factor too"
        found[-1] = (found[-1][0], words)
    return found


def _definite(cov):
    if np.linalg.eigvalsh(cov)[0] <= 0:
        raise NotIdentified("a flaw of that size fits no covariance matrix; lower it")
    return cov


def _indices(population, model, n, options, seed):
    rng = np.random.default_rng(seed)
    try:
        table, structures, data = prepared(model, population.draw(n, rng), **options)
        fit = estimate(table, structures, data, options["estimator"], extras="fit").fit
    except PsychometricsError:
        return None
    return {name: fit[key] for name in COSMIN for key in [_best(fit, name)]}


def _best(fit, name):
    """The scaled version of an index where there is one."""
    return f"{name}_scaled" if f"{name}_scaled" in fit else name


def _levels(fits, words):
    """What 95 % of a level's samples miss; NaN where the true model misses it too."""
    rows = []
    for wrong, text in zip(fits[1:], words):
        row = {"flaw": text}
        for name in COSMIN:
            good = name in _HIGH_IS_GOOD
            limit = np.quantile(wrong[name], 0.95 if good else 0.05)
            right = _true_limit(fits[0], name)
            usable = limit < right if good else limit > right
            row[name] = limit if usable else np.nan
        rows.append(row)
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="level"))


def _true_limit(right, name):
    return np.quantile(right[name], 0.05 if name in _HIGH_IS_GOOD else 0.95)


def _cutoffs(fitted, right, levels):
    rows = {
        name: {
            "observed": fitted.fit[_best(fitted.fit, name)],
            "fixed": fixed,
            "true_model": _true_limit(right, name),
            "flawed_model": levels[name].iloc[-1],
        }
        for name, fixed in COSMIN.items()
    }
    return pd.DataFrame(rows).T
