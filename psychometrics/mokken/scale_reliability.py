"""Reliability of the sum score without a parametric model: MS and LCRC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..figures import bound, dots, finish, name_rows
from ..options import generator
from ..results import Result, axes
from .item_steps import Steps, as_steps
from .latent_classes import LatentClasses, latent_classes


@dataclass(frozen=True, eq=False, kw_only=True)
class ScaleReliability(Result):
    """Reliability of the sum score; all four are of the same complete cases."""

    _headline = ("ms", "alpha", "lambda2", "lcrc", "n")

    ms: float
    lcrc: float | None
    alpha: float
    lambda2: float
    n_classes: int | None
    n: int
    is_at_limit: bool = False

    def to_frame(self) -> pd.DataFrame:
        rows = {"ms": self.ms, "alpha": self.alpha, "lambda2": self.lambda2}
        if self.lcrc is not None:
            rows["lcrc"] = self.lcrc
        return pd.Series(rows, name="reliability").to_frame()

    def _about(self) -> Sequence[str]:
        classes = f"; LCRC with {self.n_classes} classes" if self.n_classes else ""
        return (f"Reliability of the sum score, n = {self.n}{classes}.",)

    def _caveats(self) -> Sequence[str]:
        if not self.is_at_limit:
            return ()
        return ("The largest number of classes tried fits best; raise max_classes.",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the coefficients, and .70 beside them."""
        ax, found = axes(ax), self.to_frame()["reliability"]
        dots(ax, name_rows(ax, found.index, what="coefficient"), found)
        bound(ax, 0.7, ".70 wanted")
        title = f"Reliability of the sum score, n = {self.n}"
        return finish(ax, title, x="reliability", key=True)


def scale_reliability(
    responses: np.ndarray | pd.DataFrame,
    *,
    n_classes: int | None = None,
    max_classes: int = 8,
    rng: Rng = None,
) -> ScaleReliability:
    """MS (Molenaar & Sijtsma, 1988) and latent class reliability of the sum score.

    Both estimate the chance of passing two steps in independent replications, and
    replace only the unobservable pairs, those within one item. MS takes
    them from neighbouring steps of other items; it needs double monotonicity. LCRC
    (Van der Ark, Van der Palm & Sijtsma, 2011) takes them from a latent class
    model; it needs no more than that the classes fit.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        As in `scalability`; persons with unanswered items are left out.
    n_classes : int, optional
        Latent classes for LCRC; without it the number from 1 to `max_classes` with the
        lowest AIC3 (penalty 3; Andrews & Currim, 2003). A class too many does little
        harm here, one too few loses reliability.
    rng : Generator or int, optional
        Starts of the latent class model; without it LCRC is left out.
    """
    steps = as_steps(responses)
    classes = None
    if n_classes is not None or rng is not None:
        draws = generator(rng, what="n_classes")
        asked = [n_classes] if n_classes else range(1, max_classes + 1)
        fits = [latent_classes(steps.values, k, draws) for k in asked]
        classes = min(fits, key=lambda fit: fit.aic3)
    cov = np.cov(steps.values.T)
    n_items, within = steps.n_items, np.trace(cov)
    off = cov - np.diag(np.diag(cov))
    root = np.sqrt(n_items / (n_items - 1) * (off**2).sum())
    return ScaleReliability(
        ms=_replicated(steps, _from_neighbours(steps)),
        lcrc=None if classes is None else _replicated(steps, _from_classes(classes)),
        alpha=n_items / (n_items - 1) * (1 - within / cov.sum()),
        lambda2=(off.sum() + root) / cov.sum(),
        n_classes=None if classes is None else len(classes.sizes),
        n=steps.n_persons,
        is_at_limit=n_classes is None
        and classes is not None
        and len(classes.sizes) == max_classes,
    )


def _replicated(steps: Steps, within: np.ndarray) -> float:
    """Return true over observed variance, `within` standing for same-item pairs."""
    passed = steps.passed.reshape(steps.n_persons, -1).astype(float)
    p = passed.mean(axis=0)
    joint = passed.T @ passed / steps.n_persons
    owner = np.repeat(np.arange(steps.n_items), steps.n_steps)
    joint = np.where(owner[:, None] == owner, within, joint)
    return float((joint - np.outer(p, p)).sum() / steps.values.sum(axis=1).var())


def _from_classes(classes: LatentClasses) -> np.ndarray:
    higher = np.flip(np.cumsum(np.flip(classes.probabilities, 2), axis=2), 2)[:, :, 1:]
    flat = higher.reshape(len(classes.sizes), -1)
    return (flat * classes.sizes[:, None]).T @ flat


def _from_neighbours(steps: Steps) -> np.ndarray:
    """Return the mean of up to eight approximations for each pair of steps.

    Either step of the pair is replaced by its neighbour in popularity, below and
    above, among the steps of other items, and the joint proportion is carried over
    in ratio of those who pass or of those who fail. Bounds: independence, and the
    rarer step.
    """
    passed = steps.passed.reshape(steps.n_persons, -1).astype(float)
    count = passed.sum(axis=0)
    p, joint = count / steps.n_persons, passed.T @ passed / steps.n_persons
    owner = np.repeat(np.arange(steps.n_items), steps.n_steps)
    others = owner[:, None] != owner
    joint = _pooled(joint, count, others)
    carried = [_carried(p, joint, *_neighbours(count, others, s)) for s in (-1, 1)]
    every = np.concatenate(carried)
    every = np.concatenate([every, every.transpose(0, 2, 1)])
    mean = np.nanmean(np.where(others, 0.0, every), axis=0)
    return np.clip(mean, np.outer(p, p), np.minimum.outer(p, p))


def _pooled(joint: np.ndarray, count: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return for each pair of steps the mean over all observed pairs as popular.

    Under double monotonicity equally popular steps have one response function, so
    all pairs of the same two popularities estimate one probability.
    """
    levels, level = np.unique(count, return_inverse=True)
    member = (level == np.arange(len(levels))[:, None]).astype(float)
    n_pairs = member @ observed @ member.T
    total = member @ np.where(observed, joint, 0.0) @ member.T
    return (total / np.maximum(n_pairs, 1))[np.ix_(level, level)]


def _neighbours(
    count: np.ndarray, others: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return each step's nearest of other items on one side, and whether it has one.

    A tied step is nearest on both sides; any of several tied will do once pooled.
    """
    ahead = (count - count[:, None]) * side
    gap = np.where(others & (ahead >= 0), ahead, np.inf)
    return gap.argmin(axis=1), np.isfinite(gap.min(axis=1))


def _carried(
    p: np.ndarray, joint: np.ndarray, near: np.ndarray, is_near: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs x, y with x replaced: by ratio of passing, and of failing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_pass = joint[near] * (p / p[near])[:, None]
        failing = (p - joint[near]) * ((1 - p) / (1 - p[near]))[:, None]
    return (
        np.where((is_near & (p[near] > 0))[:, None], by_pass, np.nan),
        np.where((is_near & (p[near] < 1))[:, None], p - failing, np.nan),
    )
