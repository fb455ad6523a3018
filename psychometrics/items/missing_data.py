"""Which answers are missing together, and whether that depends on the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes
from ..errors import ConvergenceError, InvalidResponses
from ..figures import finish, heatmap
from ..responses import check_responses
from ..results import Result, axes

SINGULAR = 1e-5  # share of the largest eigenvalue; EM leaves as much of a nought
MOST_PATTERNS = 40  # of a figure; the table has them all


@dataclass(frozen=True, eq=False, kw_only=True)
class PatternsResult(Result):
    """Every combination of answered and unanswered items that occurs.

    Attributes
    ----------
    patterns : DataFrame
        One row a pattern, most frequent first: one column an item (True where
        unanswered), n_missing, n, share.
    by_item : DataFrame
        missing and share of persons, per item.
    n_persons : int
    """

    _headline = (
        "missing=by_item.share",
        "patterns=patterns.index",
        "n_complete",
        "n_persons",
    )

    patterns: pd.DataFrame
    by_item: pd.DataFrame
    n_persons: int

    @property
    def n_complete(self) -> int:
        """Persons who answered every item."""
        whole = self.patterns["n_missing"] == 0
        return int(self.patterns.loc[whole, "n"].sum())

    def to_frame(self) -> pd.DataFrame:
        return self.patterns

    def _about(self) -> Sequence[str]:
        return (
            f"{len(self.patterns)} patterns among {self.n_persons} persons, "
            f"{self.n_complete} of them complete; "
            f"{self.by_item['share'].mean():.1%} of answers missing",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the commonest patterns (up to 40): a dark cell is an unanswered item."""
        items = [*self.by_item.index]
        shown = self.patterns.head(MOST_PATTERNS)
        ax = axes(ax, rows=len(shown), columns=len(items))
        cells = shown[items].astype(float)
        heatmap(
            ax,
            cells.set_axis(shown["n"]),
            low=0,
            limit=1,
            label="unanswered",
            form=".0f",
        )
        title = (
            f"{len(shown)} of {len(self.patterns)} patterns of missing answers, "
            f"{self.n_persons} persons"
        )
        return finish(ax, title, x="item", y="persons with the pattern")


def missing_patterns(responses: pd.DataFrame) -> PatternsResult:
    """Count the patterns of missing answers (Little & Rubin, 2002, chapter 1).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Numbers, NaN where unanswered.

    Returns
    -------
    PatternsResult
        A row a pattern, True where unanswered, the most frequent first; and the
        missing of each item.

    Raises
    ------
    InvalidResponses
        Fewer than three persons, fewer than two items, or no numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"calm": [1, 2, None, 4], "safe": [1, 3, 4, 4]})
    >>> missing_patterns(answers).patterns["n"].tolist()
    [3, 1]
    """
    checked = check_responses(responses, ordinal=False, more_persons_than_items=False)
    unique, counts = np.unique(checked.missing, axis=0, return_counts=True)
    patterns = pd.DataFrame(unique, columns=checked.items).assign(
        n_missing=unique.sum(axis=1), n=counts, share=counts / checked.n_persons
    )
    patterns = patterns.sort_values(
        ["n", "n_missing"], ascending=[False, True], ignore_index=True
    )
    missing = checked.missing.sum(axis=0)
    by_item = pd.DataFrame(
        {"missing": missing, "share": missing / checked.n_persons}, index=checked.items
    )
    return PatternsResult(
        patterns=patterns, by_item=by_item, n_persons=checked.n_persons
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class MCARResult(Result):
    """Little's test that answers are missing completely at random.

    Attributes
    ----------
    chi2, p : float
    df, n_patterns, n_persons : int
    means : DataFrame
        Maximum likelihood mean and sd of each item, and how many answered it.
    """

    _headline = ("chi2", "df", "p", "n=n_persons")

    chi2: float
    df: int
    p: float
    n_patterns: int
    n_persons: int
    means: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.means

    def _about(self) -> Sequence[str]:
        return (
            f"Little's MCAR test: chi2 = {self.chi2:.2f}, df = {self.df}, "
            f"p = {self.p:.3g}; {self.n_patterns} patterns, n = {self.n_persons}",
        )

    def _caveats(self) -> Sequence[str]:
        return (
            "a high p does not show that answers are missing at random; the test "
            "takes items as normal and sees differences of means alone",
        )


def little_mcar(
    responses: pd.DataFrame, *, tol: float = 1e-6, max_iter: int = 1000
) -> MCARResult:
    """Test whether answers are missing completely at random (Little, 1988).

    Sums over patterns the squared distance between the means of who has the
    pattern and those estimated by maximum likelihood (EM) from everybody.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Numbers, NaN where unanswered; persons without any answer are left out.
    tol : float
        Largest change of a mean or covariance, in standard deviations, that counts
        as settled.
    max_iter : int
        Steps after which the search is given up.

    Returns
    -------
    MCARResult
        `chi2`, `df` and `p`, and the number of patterns.

    Raises
    ------
    InvalidResponses
        Nothing is missing, or all persons share one pattern.
    ConvergenceError
        The EM steps have not settled.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "c"])
    >>> answers = answers.mask(rng.random(answers.shape) < 0.1)
    >>> little_mcar(answers).p > 0.01
    True
    """
    checked = check_responses(responses, ordinal=False)
    values = checked.values
    groups = _by_pattern(values)
    if len(groups) < 2:
        raise InvalidResponses(
            "all persons answered the same items; there is no pattern to test"
        )
    scale = np.nanstd(values, axis=0)
    centre = np.nanmean(values, axis=0)
    groups = [(seen, (rows - centre[seen]) / scale[seen]) for seen, rows in groups]
    mean, covariance = _em(groups, len(scale), tol, max_iter)
    spread = covariance * len(values) / (len(values) - 1)
    # items that repeat one another are one item for the degrees of freedom
    chi2, df = 0.0, -_rank(spread)
    for seen, rows in groups:
        gap, own = rows.mean(axis=0) - mean[seen], spread[np.ix_(seen, seen)]
        inverse = np.linalg.pinv(own, rcond=SINGULAR, hermitian=True)
        chi2 += len(rows) * gap @ inverse @ gap
        df += _rank(own)
    means = pd.DataFrame(
        {
            "n": (~np.isnan(values)).sum(axis=0),
            "mean": centre + mean * scale,
            "sd": np.sqrt(np.diag(covariance)) * scale,
        },
        index=checked.items,
    )
    p = float(chdtrc(df, chi2)) if df else np.nan
    return MCARResult(
        chi2=float(chi2),
        df=df,
        p=p,
        n_patterns=len(groups),
        n_persons=len(values),
        means=means,
    )


def _rank(spread: np.ndarray) -> int:
    eigenvalues = np.linalg.eigvalsh(spread)
    return int((eigenvalues > SINGULAR * eigenvalues[-1]).sum())


def _by_pattern(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (answered items, their answers) of each pattern."""
    answered = ~np.isnan(values)
    unique, which = np.unique(answered, axis=0, return_inverse=True)
    which = which.ravel()
    return [(seen, values[which == k][:, seen]) for k, seen in enumerate(unique)]


def _em(
    groups: Sequence[tuple[np.ndarray, np.ndarray]],
    n_items: int,
    tol: float,
    max_iter: int,
) -> tuple[np.ndarray, np.ndarray]:
    mean, covariance = np.zeros(n_items), np.eye(n_items)
    n = sum(len(rows) for _, rows in groups)
    for _ in range(max_iter):
        total, square = np.zeros(n_items), np.zeros((n_items, n_items))
        for seen, rows in groups:
            filled, extra = _expected(seen, rows, mean, covariance)
            total += filled.sum(axis=0)
            square += filled.T @ filled + extra
        new_mean = total / n
        new = square / n - np.outer(new_mean, new_mean)
        moved = max(np.abs(new - covariance).max(), np.abs(new_mean - mean).max())
        mean, covariance = new_mean, new
        if moved < tol:
            return mean, covariance
    raise ConvergenceError(
        f"the EM estimates still move by {moved:.2g} after {max_iter} steps; "
        "raise max_iter, or leave out items that hardly anybody answered",
        partial=(mean, covariance),
    )


def _expected(
    seen: np.ndarray, rows: np.ndarray, mean: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fill in a pattern's unanswered items by regression; add what that leaves out."""
    filled = np.empty((len(rows), len(mean)))
    filled[:, seen] = rows
    extra = np.zeros_like(covariance)
    gone = ~seen
    if gone.any():
        known = covariance[np.ix_(seen, seen)]
        slope = np.linalg.solve(known, covariance[np.ix_(seen, gone)])
        filled[:, gone] = mean[gone] + (rows - mean[seen]) @ slope
        left = covariance[np.ix_(gone, gone)] - covariance[np.ix_(gone, seen)] @ slope
        extra[np.ix_(gone, gone)] = len(rows) * left
    return filled, extra
