"""Omega of one scale's sum score, from a one-factor model, with its interval."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr, ndtri

from ..annotations import Axes, Rng
from ..cfa.confirm import confirm, estimate, prepared
from ..cfa.result_tables import estimates_table
from ..correlation.bivariate_normal import bivariate_cdf, normal_density
from ..correlation.polychoric import pairwise_covariance
from ..counted import people
from ..errors import NotIdentified, PsychometricsError, PsychometricsWarning
from ..figures import bars, finish, name_rows
from ..options import check_level, generator
from ..resampling import consecutive, redrawn_note, usable_rows
from ..responses import check_responses
from ..results import Result, axes
from .alpha import check_total, warn_reversed

if TYPE_CHECKING:
    from ..responses import Responses

ESTIMATORS = {True: "wlsmv", False: "mlr"}
UNKNOWN = 10.0  # errors, as shares of 1 - omega, from which nothing is known
FAR = 40.0  # a cut that nobody passes, on the standard normal metric


@dataclass(frozen=True, eq=False, kw_only=True)
class McDonaldOmega(Result):
    """Omega of a sum score, with its interval and the loadings it rests on.

    Attributes
    ----------
    omega, se : float
    ci : tuple of float
        At `level`: symmetric in the logit of omega, or percentiles of resamples.
    loadings : DataFrame, one row an item
        loading (standardised) and uniqueness.
    n, n_complete : int
        Persons with an answer, and with an answer to every item.
    n_replications, n_failed, n_redrawn : int
        Resamples, those that could not be fitted, those drawn again.
    """

    _headline = ("omega", "ci", "items=loadings.index", "n")

    omega: float
    se: float
    ci: tuple
    loadings: pd.DataFrame
    n: int
    n_complete: int
    level: float
    ordinal: bool
    n_replications: int = 0
    n_failed: int = 0
    n_redrawn: int = 0

    def to_frame(self) -> pd.DataFrame:
        return self.loadings

    def _about(self) -> Sequence[str]:
        low, high = self.ci
        model = "graded categories" if self.ordinal else "codes taken as numbers"
        how = f"{self.n_replications} resamples" if self.n_replications else "delta"
        return (
            f"omega = {self.omega:.3f} ({self.level:.0%} interval {low:.3f} to "
            f"{high:.3f}, {how}); one factor, {model}",
            f"{len(self.loadings)} items, {people(self.n, self.n, self.n_complete)}",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if len(self.loadings) == 2:
            notes.append("two items: their loadings are taken as equal")
        negative = self.loadings.index[self.loadings["loading"] < 0]
        if len(negative):
            names = ", ".join(map(str, negative))
            notes.append(f"{names}: negative loading; reverse the keying?")
        if (self.loadings["uniqueness"] < 0).any():
            notes.append("a uniqueness below nought: the model is inadmissible")
        if self.n_failed:
            notes.append(f"{self.n_failed} resamples could not be fitted")
        if self.n_redrawn:
            notes.append(redrawn_note(self.n_redrawn, self.n_replications))
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's standardised loading."""
        ax = axes(ax, rows=len(self.loadings))
        bars(ax, name_rows(ax, self.loadings.index), self.loadings["loading"])
        low, high = self.ci
        title = f"omega {self.omega:.2f} ({low:.2f} to {high:.2f}), n = {self.n}"
        return finish(ax, title, x="standardised loading")


def mcdonald_omega(
    responses: pd.DataFrame,
    *,
    ordinal: bool = False,
    level: float = 0.95,
    n_replications: int = 0,
    rng: Rng = None,
) -> McDonaldOmega:
    """Estimate omega of one scale's sum score (McDonald, 1999), with an interval.

    The share of the sum's variance that one factor explains: by maximum likelihood
    with robust errors, or for ordinal items that of the sum of categories (Green &
    Yang, 2009, eq. 21) from polychoric correlations. `omega` is for several factors.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Numbers, whole for `ordinal`; NaN where unanswered. All items keyed one way.
    ordinal : bool
        Model the categories; still the reliability of the sum of codes.
    level : float
        Of the interval, inside (0, 1).
    n_replications : int
        Resamples of persons for a percentile interval; 0 for the delta method's,
        which is symmetric in the logit of omega.
    rng : Generator or int
        Needed with `n_replications`.

    Returns
    -------
    McDonaldOmega

    Raises
    ------
    InvalidResponses
        As `check_responses`.
    NotIdentified
        The total does not vary, the factor explains more than all of it, or its
        error is too large to say anything.
    ConvergenceError
        The model could not be fitted.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> made = simulate.responses(
    ...     500, rng=1, loadings=[[0.7]] * 5, thresholds=[-1, 0, 1]
    ... )
    >>> found = mcdonald_omega(made.responses, ordinal=True)
    >>> round(found.omega, 2), [round(end, 2) for end in found.ci]
    (0.76, [0.72, 0.79])
    """
    check_level(level)
    checked = check_responses(responses, ordinal=ordinal)
    covariance = pairwise_covariance(checked)
    check_total(covariance)
    warn_reversed(covariance, checked.items, checked.n_persons)
    model = _one_factor(checked.items)
    with warnings.catch_warnings():
        # the gate has said what there is to say of the answers
        warnings.simplefilter("ignore", PsychometricsWarning)
        fitted = confirm(
            model, checked.to_frame(), estimator=ESTIMATORS[ordinal], std_lv=True
        )
    rows = fitted.estimates
    omega, slope = _coefficient(rows, list(checked.items), ordinal)
    free = fitted.table.frame["free"].to_numpy()
    gradient = np.zeros(len(fitted.vcov))
    np.add.at(gradient, free[free > 0] - 1, slope[free > 0])
    se = float(np.sqrt(gradient @ fitted.vcov.to_numpy() @ gradient))
    check_error(omega, se)
    ci, n_failed, n_redrawn = logit_interval(omega, se, level=level), 0, 0
    if n_replications:
        ci, (n_failed, n_redrawn) = _percentiles(
            model, checked, ordinal, n_replications, rng, level
        )
    return McDonaldOmega(
        omega=omega,
        se=se,
        ci=ci,
        loadings=_loadings(rows, list(checked.items)),
        n=checked.n_persons,
        n_complete=int((~checked.missing.any(axis=1)).sum()),
        level=level,
        ordinal=ordinal,
        n_replications=n_replications,
        n_failed=n_failed,
        n_redrawn=n_redrawn,
    )


def check_error(omega: float, se: float) -> None:
    """Refuse an omega whose interval would be all that a number can be."""
    if not (se < 1 and se < UNKNOWN * (1 - omega)):
        raise NotIdentified(
            f"omega would be {omega:.3f} with an error of {se:.3g}: the answers hardly "
            "determine the one-factor model; an item may hardly vary"
        )


def logit_interval(
    omega: float, se: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Return an interval that is symmetric in log(omega / (1 - omega)).

    Both ends stay inside (0, 1). An omega of nought, of loadings that cancel, has
    none: (0, nan) says that its upper end is not known.
    """
    if omega <= 0:
        return (0.0, float("nan"))
    half = ndtri((1 + level) / 2) * se / (omega * (1 - omega))
    centre = logit(omega)
    return float(expit(centre - half)), float(expit(centre + half))


def _one_factor(items: pd.Index) -> str:
    """All items on one factor; two items determine it with equal loadings."""
    if len(items) == 2:
        return f"f =~ a*{items[0]} + a*{items[1]}"
    return "f =~ " + " + ".join(map(str, items))


def _loadings(rows: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    loading = rows[rows["op"] == "=~"].set_index("rhs")["std"].reindex(items)
    return pd.DataFrame({"loading": loading, "uniqueness": 1 - loading**2}, items)


def _coefficient(
    rows: pd.DataFrame, items: list[str], ordinal: bool
) -> tuple[float, np.ndarray]:
    """Omega, and its derivative by the estimate in each row of the table."""
    slope = np.zeros(len(rows))
    op, est = rows["op"].to_numpy(), rows["est"].to_numpy()
    loads = np.flatnonzero(op == "=~")
    loads = loads[[list(rows["rhs"].iloc[loads]).index(item) for item in items]]
    if not ordinal:
        own = (op == "~~") & rows["lhs"].isin(items).to_numpy()
        common, unique = est[loads].sum(), est[own].sum()
        total = common**2 + unique
        omega = common**2 / total
        slope[loads] = 2 * common * unique / total**2
        slope[own] = -(common**2) / total**2
    else:
        places = [np.flatnonzero((op == "|") & (rows["lhs"] == i)) for i in items]
        cuts = np.full((len(items), max(map(len, places))), FAR)
        for i, own in enumerate(places):
            cuts[i, : len(own)] = est[own]
        omega, by_loading, by_cut = categorical_omega(est[loads], cuts)
        slope[loads] = by_loading
        for i, own in enumerate(places):
            slope[own] = by_cut[i, : len(own)]
    if not omega < 1:
        raise NotIdentified(
            f"omega is {omega:.3f}: the factor explains more than all of the sum; the "
            "answers do not support one factor, or are too few"
        )
    return float(omega), slope


def categorical_omega(
    loadings: np.ndarray, cuts: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Green & Yang's (2009) eq. 21, and its derivatives by loadings and cuts.

    Parameters
    ----------
    loadings : float array, shape (n_items,)
        Standardised.
    cuts : float array, shape (n_items, most categories - 1)
        `FAR` beyond an item's last.
    """
    k, m = cuts.shape
    r = np.outer(loadings, loadings).clip(-1 + 1e-9, 1 - 1e-9)
    a = np.broadcast_to(cuts[:, None, :, None], (k, k, m, m))
    b = np.broadcast_to(cuts[None, :, None, :], (k, k, m, m))
    cells = (k * k, m, m)
    joint = bivariate_cdf(a.reshape(cells), b.reshape(cells), r.ravel())
    shared = (joint.reshape(a.shape) - ndtr(a) * ndtr(b)).sum(axis=(2, 3))
    below = ndtr(cuts)
    least = np.minimum(cuts[:, :, None], cuts[:, None, :])
    own = ndtr(least).sum(axis=(1, 2)) - below.sum(axis=1) ** 2
    true = shared.sum()
    total = true - np.trace(shared) + own.sum()
    wide = r[:, :, None, None]
    root = np.sqrt(1 - wide**2)
    density = normal_density(a) * normal_density((b - wide * a) / root) / root
    by_r = density.sum(axis=(2, 3))  # of P(X <= a, Y <= b), Plackett (1954)
    moved = 2 * by_r * loadings[None, :]
    by_cut = normal_density(a) * (ndtr((b - wide * a) / root) - ndtr(b))
    by_cut = 2 * by_cut.sum(axis=3)  # item, other item, cut of the item
    both = np.arange(k)
    # an item's own variance: with itself all of its answer is shared
    last = (cuts < FAR).sum(axis=1)
    above = last[:, None] - 1 - np.arange(m)[None, :]
    n_cut = np.where(cuts < FAR, 2 * above + 1, 0)
    padded = m - last  # cuts that nobody passes share P(X <= a) with each cut
    own_cut = normal_density(cuts) * (
        n_cut + 2 * padded[:, None] - 2 * below.sum(axis=1)[:, None]
    )
    d_true = moved.sum(axis=1), by_cut.sum(axis=1)
    d_total = (
        d_true[0] - moved[both, both],
        d_true[1] - by_cut[both, both] + own_cut,
    )
    omega = true / total
    by_loading, by_cuts = (
        (t - omega * whole) / total for t, whole in zip(d_true, d_total)
    )
    return omega, by_loading, by_cuts


def _percentiles(
    model: str,
    checked: Responses,
    ordinal: bool,
    n_replications: int,
    rng: Rng,
    level: float,
) -> tuple[tuple[float, float], tuple[int, int]]:
    """Percentiles over resampled persons; how many failed, and were redrawn."""
    rng = generator(rng, what="n_replications")
    values = checked.values
    codes = np.where(checked.missing, -1, checked.codes) if ordinal else None
    found, n_redrawn, n_failed = [], 0, 0
    for _ in range(n_replications):
        rows, again = usable_rows(rng, values)
        n_redrawn += again
        drawn = values[rows]
        if codes is not None:
            closed = consecutive(codes[rows])
            drawn = np.where(closed < 0, np.nan, closed)
        frame = pd.DataFrame(drawn, columns=checked.items)
        try:
            found.append(_refitted(model, frame, ordinal))
        except PsychometricsError:
            n_failed += 1
    if len(found) < 2:
        raise NotIdentified("fewer than two resamples could be fitted")
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high)), (n_failed, n_redrawn)


def _refitted(model: str, frame: pd.DataFrame, ordinal: bool) -> float:
    estimator = ESTIMATORS[ordinal]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PsychometricsWarning)
        table, structures, data = prepared(
            model, frame, estimator=estimator, std_lv=True
        )
        fitted = estimate(table, structures, data, estimator, detail="test")
        rows = estimates_table(fitted, table, structures)
    return _coefficient(rows, frame.columns.tolist(), ordinal)[0]
