"""Loevinger's H of pairs, items and the scale, with standard errors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ..results import Result, axes
from .steps import as_steps


@dataclass(frozen=True, eq=False, repr=False)
class Scalability(Result):
    """H coefficients, their standard errors, and Mokken's Z against H = 0."""

    h: float
    se_h: float
    z: float
    h_item: pd.Series
    se_item: pd.Series
    z_item: pd.Series
    item_cov: pd.DataFrame  # covariances of the estimates in h_item
    h_pair: pd.DataFrame  # NaN on the diagonal
    se_pair: pd.DataFrame
    z_pair: pd.DataFrame
    n: int
    n_dropped: int
    level: float = 0.95

    def to_frame(self):
        """Return one row for each item."""
        half = stats.norm.ppf((1 + self.level) / 2) * self.se_item
        return pd.DataFrame(
            {
                "h_item": self.h_item,
                "se": self.se_item,
                "lower": self.h_item - half,
                "upper": self.h_item + half,
                "z": self.z_item,
                "lowest_pair": self.h_pair.min(),
            }
        )

    def interval(self):
        """Return (lower, upper) of the scale's H."""
        half = stats.norm.ppf((1 + self.level) / 2) * self.se_h
        return self.h - half, self.h + half

    def _about(self):
        lower, upper = self.interval()
        return (
            f"Scale H = {self.h:.3f} ({lower:.3f} to {upper:.3f}), n = {self.n}; "
            "standard errors by Kuijpers, Van der Ark and Croon (2013).",
        )

    def _caveats(self):
        notes = []
        if self.n_dropped:
            notes.append(f"{self.n_dropped} persons with unanswered items left out.")
        weak = self.h_item.index[self.h_item < 0.3].tolist()
        if weak:
            notes.append(f"H_i below .30: {', '.join(map(str, weak))}.")
        return tuple(notes)

    def plot(self, ax=None):
        """Draw each item's H with its interval, and the bound of .30."""
        ax, frame = axes(ax), self.to_frame()
        at = np.arange(len(frame))
        ax.errorbar(frame["h_item"], at, xerr=frame["h_item"] - frame["lower"], fmt="o")
        ax.axvline(0.3, color="0.5", linestyle="--", linewidth=1)
        ax.set_yticks(at, [str(item) for item in frame.index])
        ax.set(xlabel="H of the item", title=f"Scale H = {self.h:.2f}")
        return ax


def scalability(responses, *, level=0.95):
    """Loevinger's H as Mokken (1971) uses it, for ordered categories.

    H is a ratio of covariances, observed over largest possible given the margins
    (Molenaar, 1991); 1 for a perfect Guttman scale, 0 where items are unrelated.
    Standard errors by the delta method on the multinomial pattern counts (Kuijpers,
    Van der Ark & Croon, 2013), as sums of squared influences of persons; where
    two steps are equally popular the influence is shared between them.

    Parameters
    ----------
    responses : DataFrame or array, shape (n_persons, n_items)
        Whole-number codes of shared categories, all items pointing the same way.
        Persons with unanswered items are left out.
    level : float in (0, 1)
        Coverage of the intervals.

    Raises
    ------
    InvalidResponses
        As `check_responses`; also when an item is constant among complete cases.
    """
    steps = as_steps(responses)
    cov, cov_max = covariances(steps)
    observed, largest = _influences(steps, cov, cov_max)
    rows = _ratio_influences(cov, cov_max, observed, largest)
    item_influence = rows["item"]
    frame = _labeller(steps.items)
    z = z_scores(steps, cov)
    n_items = steps.n_items
    return Scalability(
        h=float(np.triu(cov, 1).sum() / np.triu(cov_max, 1).sum()),
        se_h=float(np.sqrt((rows["scale"] ** 2).sum())),
        z=z["scale"],
        h_item=pd.Series(_off(cov).sum(1) / _off(cov_max).sum(1), index=steps.items),
        se_item=pd.Series(np.sqrt((item_influence**2).sum(0)), index=steps.items),
        z_item=pd.Series(z["item"], index=steps.items),
        item_cov=frame(item_influence.T @ item_influence),
        h_pair=frame(_blank(cov / np.where(np.eye(n_items), 1, cov_max))),
        se_pair=frame(_blank(rows["pair_se"])),
        z_pair=frame(_blank(z["pair"])),
        n=steps.n_persons,
        n_dropped=steps.n_dropped,
        level=level,
    )


def covariances(steps):
    """Return observed and largest possible covariances of all pairs of items."""
    centred = steps.values - steps.values.mean(axis=0)
    ordered = np.sort(centred, axis=0)
    n = steps.n_persons
    return centred.T @ centred / n, ordered.T @ ordered / n


def z_scores(steps, cov):
    """Return Mokken's Z of pairs, items and the scale against H = 0.

    Under independence a sum of covariances has the variance sum of s_i^2 s_j^2 /
    (n - 1) (Mokken, 1971, chapter 4; Molenaar & Sijtsma, 2000, p. 59).
    """
    n = steps.n_persons
    sample = cov * n / (n - 1)
    noise = np.outer(np.diag(sample), np.diag(sample)) / (n - 1)
    return {
        "pair": sample / np.sqrt(noise),
        "item": _off(sample).sum(1) / np.sqrt(_off(noise).sum(1)),
        "scale": float(np.triu(sample, 1).sum() / np.sqrt(np.triu(noise, 1).sum())),
    }


def _influences(steps, cov, cov_max):
    """Return functions of an item: persons' influences on its cov and cov_max.

    The largest covariance of a pair is the sum over pairs of steps of
    min(p_s, p_t) - p_s p_t; a person moves the minimum through the rarer step.
    """
    p = steps.popularity
    mean = steps.values.mean(axis=0)
    centred = steps.values - mean
    gap = p[:, :, None, None] - p[None, None, :, :]
    rarer = np.where(np.isclose(gap, 0, atol=1e-12), 0.5, gap < 0).sum(axis=3)
    held = np.cumsum(rarer, axis=1)  # item, its step, other item
    held = np.concatenate([np.zeros_like(held[:, :1]), held], axis=1)

    def observed(i):
        return centred[:, [i]] * centred - cov[i]

    def largest(i):
        own = held[i][steps.values[:, i]]
        others = np.stack(
            [held[j][steps.values[:, j], i] for j in range(steps.n_items)], axis=1
        )
        lifted = own + others
        lifted = lifted - lifted.mean(axis=0)
        return lifted - centred[:, [i]] * mean - centred * mean[i]

    return observed, largest


def _ratio_influences(cov, cov_max, observed, largest):
    n_items = len(cov)
    item, pair_se, scale = [], [], 0.0
    total, total_max = np.triu(cov, 1).sum(), np.triu(cov_max, 1).sum()
    for i in range(n_items):
        other = np.arange(n_items) != i
        up, down = observed(i), largest(i)
        n = len(up)
        ratio = cov[i] / cov_max[i]
        pair_se.append(np.sqrt((((up - ratio * down) / cov_max[i]) ** 2).sum(0)) / n)
        up, down = up[:, other].sum(1), down[:, other].sum(1)
        share = cov[i, other].sum() / cov_max[i, other].sum()
        item.append((up - share * down) / cov_max[i, other].sum() / n)
        scale = scale + (up - total / total_max * down) / (2 * total_max * n)
    return {"item": np.array(item).T, "pair_se": np.array(pair_se), "scale": scale}


def _off(square):
    return np.where(np.eye(len(square), dtype=bool), 0.0, square)


def _blank(square):
    return np.where(np.eye(len(square), dtype=bool), np.nan, square)


def _labeller(items):
    return lambda square: pd.DataFrame(square, index=items, columns=items)
