"""The smallest change that matters to the people who answered: anchor methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Axes, PerPerson, Rng
from ..errors import ConvergenceError, InvalidOption, InvalidResponses, NotIdentified
from ..figures import BLUE, ORANGE, finish
from ..options import check_level, generator
from ..resampling import drawn_until, redrawn_note
from ..results import Result, axes
from ..score_column import score_column
from .paired_scores import in_order_of

METHODS = ["adjusted", "predictive", "latent", "roc", "mean_change"]


@dataclass(frozen=True, eq=False, kw_only=True)
class MICResult(Result):
    """Minimal important change by several methods that share one anchor.

    Attributes
    ----------
    table : DataFrame
        Rows adjusted, predictive, latent (NaN without the reliability of change),
        roc, mean_change; columns mic, low, high (percentile bootstrap, NaN without
        one), in score points.
    proportion_improved, auc, correlation : float
        Of persons by the anchor; the area under the ROC curve of change, and its
        point-biserial correlation with the anchor.
    curve : DataFrame
        cut, sensitivity, specificity.
    n, n_left_out : int
    level : float
    n_replications, n_failed, n_redrawn : int
        Resamples, those without an estimate, those drawn again.
    biserial : float
        Of change with being improved, by the two means; above 1 a normal model does
        not hold, and there is no latent estimate.
    n_inadmissible : int
        Resamples whose biserial correlation is above 1, left out of the latent
        interval.
    """

    _headline = ("table.mic", "auc", "n")

    table: pd.DataFrame
    proportion_improved: float
    auc: float
    correlation: float
    curve: pd.DataFrame
    n: int
    n_left_out: int
    level: float
    n_replications: int = 0
    n_failed: int = 0
    n_redrawn: int = 0
    biserial: float = np.nan
    n_inadmissible: int = 0

    @property
    def mic(self) -> float:
        """The estimate by adjusted predictive modelling."""
        return float(self.table["mic"].loc["adjusted"])

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"minimal important change {self.mic:.3g} points; n = {self.n}, "
            f"{self.proportion_improved:.0%} improved, AUC = {self.auc:.3f}",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.correlation < 0.3:
            notes.append(
                f"change correlates {self.correlation:.2f} with the anchor, below "
                ".30: the anchor says too little about this change"
            )
        if not 0.1 <= self.proportion_improved <= 0.9:
            notes.append("nearly all persons fall on one side of the anchor")
        if not 0.35 <= self.proportion_improved <= 0.65:
            notes.append(
                "few or many improved: the adjustment takes the anchor as reliable; "
                "give the reliability of change for the latent estimate"
            )
        notes.append("roc and mean_change move with the share of persons improved")
        if self.biserial > 1:
            notes.append(
                f"the biserial correlation of change with the anchor is "
                f"{self.biserial:.2f}, which a normal change cannot have: no latent "
                "estimate"
            )
        elif self.n_inadmissible:
            notes.append(
                f"the latent interval leaves out {self.n_inadmissible} of "
                f"{self.n_replications} resamples, whose biserial correlation is above "
                "1"
            )
        if self.n_failed:
            notes.append(
                f"{self.n_failed} of {self.n_replications} resamples had no estimate"
            )
        if self.n_redrawn:
            notes.append(redrawn_note(self.n_redrawn, self.n_replications))
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ROC curve, with the point nearest to no error."""
        ax, curve = axes(ax), self.curve
        ax.plot(1 - curve["specificity"], curve["sensitivity"], color=BLUE)
        row = curve.loc[(curve["sensitivity"] + curve["specificity"]).idxmax()]
        x, y = 1 - row["specificity"], row["sensitivity"]
        ax.plot(x, y, "o", color=ORANGE, label=f"best cut {row['cut']:.3g}")
        ax.plot(
            [0, 1], [0, 1], color="0.4", linestyle="--", label="no better than chance"
        )
        return finish(
            ax,
            f"Change against the anchor: AUC = {self.auc:.2f}, n = {self.n}",
            x="1 - specificity",
            y="sensitivity",
            key=True,
        )


def minimal_important_change(
    change: PerPerson,
    anchor: PerPerson,
    *,
    improved_from: int = 1,
    reliability: float | None = None,
    n_replications: int = 0,
    rng: Rng = None,
    level: float = 0.95,
) -> MICResult:
    """Estimate the minimal important change from a transition question.

    Predictive modelling (Terluin et al., 2015): the change at which a logistic
    model's odds of being improved equal those of the sample. Adjusted for the share
    improved by (0.09 + 0.103 r) sd log odds, r the correlation of change with the
    anchor (Terluin et al., 2017; the constants are recalled), which holds for a
    reliable anchor. Given the `reliability` of change, the latent method needs no
    such luck: mean change minus quantile of the share improved times sd times
    reliability over the biserial correlation; docs/methods/retest_and_change.md
    has the derivation. Beside them the mean change of those just improved, and the
    ROC cut with the largest sum of sensitivity and specificity.

    Parameters
    ----------
    change : Series or array, shape (n,)
        After minus before, higher is better; NaN where missing.
    anchor : Series or array, shape (n,)
        Transition rating as integers, higher is better: 0 the same, 1 a little
        better, ...
    improved_from : int
        The lowest rating that counts as improved by an important amount.
    reliability : float, optional
        Share of the variance of `change` that is not error, in (0, 1].
    n_replications : int
        Resamples of persons for intervals; 0 for none.
    rng : Generator or int
        Needed with `n_replications`.
    level : float
        Of the intervals, inside (0, 1).

    Returns
    -------
    MICResult
        Each estimate in score points, with intervals where resamples were asked for.

    Raises
    ------
    NotIdentified
        Nobody, or everybody, improved; or change does not rise with the anchor.
    ConvergenceError
        Change separates the improved from the others without any overlap.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> anchor = rng.integers(-1, 3, 200)
    >>> change = 4 * anchor + rng.normal(0, 6, 200)
    >>> found = minimal_important_change(change, anchor)
    >>> round(float(found.table.loc["predictive", "mic"]), 1)
    1.5
    """
    check_level(level)
    changes, anchors, n_left_out = _known(change, anchor)
    improved = anchors >= improved_from
    _check_anchor(changes, improved, improved_from)
    if reliability is not None and not 0 < reliability <= 1:
        raise InvalidOption(f"reliability is {reliability}; give a value in (0, 1]")
    minimal = anchors == improved_from
    estimates = _estimates(changes, improved, minimal, reliability)
    low = high = np.full(len(METHODS), np.nan)
    n_failed = n_redrawn = n_inadmissible = 0
    if n_replications:
        sample = (changes, improved, minimal)
        (low, high), (n_failed, n_redrawn, n_inadmissible) = _bootstrap(
            sample, reliability, n_replications, rng, level
        )
    table = pd.DataFrame({"mic": estimates, "low": low, "high": high}, index=METHODS)
    curve = _curve(changes, improved)
    return MICResult(
        table=table,
        proportion_improved=float(improved.mean()),
        auc=_auc(changes, improved),
        correlation=float(np.corrcoef(changes, improved)[0, 1]),
        curve=curve,
        n=len(changes),
        n_left_out=n_left_out,
        level=level,
        n_replications=n_replications,
        n_failed=n_failed,
        n_redrawn=n_redrawn,
        biserial=_biserial(changes, improved),
        n_inadmissible=n_inadmissible,
    )


def _known(change: PerPerson, anchor: PerPerson) -> tuple[np.ndarray, np.ndarray, int]:
    anchor = in_order_of(change, anchor)
    changes = score_column(change, "change", one_each=False)
    anchors = score_column(anchor, "anchor", one_each=False)
    if changes.shape != anchors.shape or changes.ndim != 1:
        raise InvalidResponses(
            f"change and anchor have shapes {changes.shape} and {anchors.shape}; give "
            "two columns of one length"
        )
    known = ~(np.isnan(changes) | np.isnan(anchors))
    return changes[known], anchors[known], int((~known).sum())


def _check_anchor(change: np.ndarray, improved: np.ndarray, improved_from: int) -> None:
    if not improved.any() or improved.all():
        who = "everybody" if improved.all() and len(improved) else "nobody"
        raise NotIdentified(
            f"{who} has an anchor of {improved_from} or more; both sides are needed"
        )
    if change[improved].mean() <= change[~improved].mean():
        raise NotIdentified(
            "change is no larger among those improved by the anchor; is it keyed "
            "the other way, or the wrong anchor?"
        )


def _estimates(
    change: np.ndarray,
    improved: np.ndarray,
    minimal: np.ndarray,
    reliability: float | None,
) -> np.ndarray:
    intercept, slope = _logistic(change, improved)
    share = improved.mean()
    log_odds = np.log(share / (1 - share))
    predictive = (log_odds - intercept) / slope
    correlation = np.corrcoef(change, improved)[0, 1]
    shift = (0.09 + 0.103 * correlation) * change.std(ddof=1) * log_odds
    just = change[minimal].mean() if minimal.any() else np.nan
    latent = np.nan if reliability is None else _latent(change, improved, reliability)
    roc = _roc_cut(change, improved)
    return np.array([predictive - shift, predictive, latent, roc, just])


def _latent(change: np.ndarray, improved: np.ndarray, reliability: float) -> float:
    """Solve P(improved) and the biserial correlation of a normal model for the MIC.

    The anchor says improved where true change plus its own error passes the MIC.
    """
    biserial = _biserial(change, improved)
    if biserial > 1:
        return np.nan
    quantile, sd = ndtri(improved.mean()), change.std(ddof=1)
    return change.mean() - quantile * sd * reliability / biserial


def _biserial(change: np.ndarray, improved: np.ndarray) -> float:
    share = improved.mean()
    gap = change[improved].mean() - change[~improved].mean()
    density = np.exp(-(ndtri(share) ** 2) / 2) / np.sqrt(2 * np.pi)
    return float(gap / change.std(ddof=1) * share * (1 - share) / density)


def _logistic(x: np.ndarray, y: np.ndarray, max_iter: int = 50) -> tuple[float, float]:
    """Return intercept and slope of a logistic model by Newton's method."""
    centre, scale = x.mean(), x.std()
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    beta = np.zeros(2)
    for _ in range(max_iter):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        weight = p * (1 - p)
        information = (design * weight[:, None]).T @ design
        if np.linalg.det(information) < 1e-10:
            break
        step = np.linalg.solve(information, design.T @ (y - p))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return beta[0] - beta[1] * centre / scale, beta[1] / scale
    raise ConvergenceError(
        "no overlap in change between the improved and the others, so the logistic "
        "model has no end; give more persons",
        partial=beta,
    )


def _curve(change: np.ndarray, improved: np.ndarray) -> pd.DataFrame:
    """Sensitivity and specificity at cuts halfway between changes that occur."""
    values = np.unique(change)
    halfway = (values[1:] + values[:-1]) / 2
    cuts = np.concatenate([[values[0] - 1], halfway, [values[-1] + 1]])
    up, down = np.sort(change[improved]), np.sort(change[~improved])
    sensitivity = 1 - up.searchsorted(cuts) / len(up)
    specificity = down.searchsorted(cuts) / len(down)
    columns = {"cut": cuts, "sensitivity": sensitivity, "specificity": specificity}
    return pd.DataFrame(columns)


def _roc_cut(change: np.ndarray, improved: np.ndarray) -> float:
    curve = _curve(change, improved)
    return float(curve["cut"][(curve["sensitivity"] + curve["specificity"]).idxmax()])


def _auc(change: np.ndarray, improved: np.ndarray) -> float:
    curve = _curve(change, improved)
    return float(
        np.trapezoid(curve["sensitivity"][::-1], 1 - curve["specificity"][::-1])
    )


def _bootstrap(
    sample: tuple[np.ndarray, np.ndarray, np.ndarray],
    reliability: float | None,
    n_replications: int,
    rng: Rng,
    level: float,
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Percentiles over samples; how many failed, were redrawn, had no latent."""
    draw = generator(rng, what="n_replications")
    found, n_redrawn = [], 0
    change, improved, minimal = sample
    for _ in range(n_replications):
        rows, again = drawn_until(
            lambda: draw.integers(0, len(change), len(change)),
            lambda rows: 0 < improved[rows].sum() < len(rows),
        )
        n_redrawn += again
        try:
            parts = (change[rows], improved[rows], minimal[rows])
            found.append(_estimates(*parts, reliability))
        except ConvergenceError:
            continue
    if len(found) < 0.9 * n_replications:
        raise NotIdentified(
            f"{n_replications - len(found)} of {n_replications} resamples had no "
            "estimate; there are too few persons for an interval"
        )
    drawn = pd.DataFrame(found, columns=METHODS)
    quantiles = drawn.quantile([(1 - level) / 2, (1 + level) / 2])
    no_latent = 0 if reliability is None else int(drawn["latent"].isna().sum())
    return quantiles.to_numpy(), (n_replications - len(found), n_redrawn, no_latent)
