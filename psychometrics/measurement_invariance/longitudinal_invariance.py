"""Does the measure mean the same at two times? The ladder over occasions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..annotations import PerPerson, Scales
from ..cfa.confirm import ORDINAL, confirm
from ..cfa.difference_tests import Difference, difference_test
from ..cfa.model.longitudinal_syntax import occasion_model, parameters_of
from ..cfa.score_tests import score_test
from ..errors import InvalidResponses, NotIdentified
from .multigroup import (
    CONTINUOUS_STEPS,
    ORDINAL_STEPS,
    PATH,
    Invariance,
    Released,
    compared,
    few_categories,
    fit_row,
)

if TYPE_CHECKING:
    from ..cfa.result import ConfirmedModel


def longitudinal_invariance(
    scales: Scales,
    responses: pd.DataFrame,
    occasions: Sequence[str],
    *,
    estimator: str = "wlsmv",
    clusters: str | PerPerson | None = None,
    missing: str = "full",
    steps: Sequence[str] | None = None,
    released: Sequence[str] = (),
    partial: bool = False,
    alpha: float = 0.05,
    max_released: int | None = None,
    sep: str = "_",
) -> Invariance:
    """Fit the ladder of equality over occasions of the same persons and test each step.

    One model of all occasions, in which each scale is a factor at each occasion and an
    item's residuals correlate over time. Ordinal items: Wu & Estabrook's (2016)
    identification, as Liu et al. (2017) set it out for occasions; numbers: equal
    loadings, intercepts, residuals. The tests are those of `invariance`.

    Parameters
    ----------
    scales : dict of str to list of str
        Each scale's items, each in one scale, without occasion.
    responses : DataFrame, shape (n_persons, n_items * n_occasions)
        One row a person; item ``x`` at occasion ``t1`` is the column ``x_t1``. NaN
        where unanswered; persons who missed an occasion stay in.
    occasions : sequence of str
        At least two, in order of time.
    estimator, clusters, missing : as in `confirm`
    steps, released, partial, alpha, max_released : as in `invariance`
        Released parameters are named without occasion: ``"f =~ x"``, ``"x ~ 1"``.
    sep : str
        Between item and occasion.

    Returns
    -------
    Invariance
        ``model("intercepts")`` has the later factor means in units of the first
        occasion's standard deviation.

    Raises
    ------
    NotIdentified
        With one occasion.
    InvalidResponses
        A column that is not there, or an item whose categories in use differ between
        occasions: thresholds can then not be matched.

    Examples
    --------
    >>> import pandas as pd
    >>> from psychometrics import longitudinal_invariance, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 6)
    >>> names = ["a_t1", "b_t1", "c_t1", "a_t2", "b_t2", "c_t2"]
    >>> found = longitudinal_invariance(
    ...     {"trust": ["a", "b", "c"]},
    ...     made.responses.set_axis(names, axis=1),
    ...     ["t1", "t2"],
    ...     estimator="ml",
    ...     steps=["loadings"],
    ... )
    >>> found.to_frame().index.tolist()
    ['configural', 'loadings']
    """
    if len(occasions) < 2:
        raise NotIdentified("one occasion; invariance over time compares at least two")
    ordinal = estimator in ORDINAL
    ladder = _Ladder(
        scales,
        responses,
        tuple(occasions),
        _matched_thresholds(scales, responses, occasions, sep) if ordinal else None,
        sep,
        {"estimator": estimator, "clusters": clusters, "missing": missing}
        | {"std_lv": True, "meanstructure": True}
        | ({"parameterization": "theta"} if ordinal else {}),
    )
    steps = tuple(steps or (ORDINAL_STEPS if ordinal else CONTINUOUS_STEPS))
    most = 0
    if partial:
        most = max_released or max(1, sum(map(len, scales.values())) // 2)
    path: list[Released] = []
    fitted, released = [ladder.fit((), released)], tuple(released)
    rows = [fit_row(fitted[0]) | {"verdict": "the same pattern of loadings"}]
    for place, step in enumerate(steps, start=1):
        equal = steps[:place]
        current, test, more = ladder.searched(fitted[-1], equal, released, alpha, most)
        path += more
        released = (*released, *(found[1] for found in more))
        row = compared(current, fitted[-1], test, step, alpha)
        rows.append(row | {"equal": ", ".join(equal)})
        fitted.append(current)
    return Invariance(
        steps=pd.DataFrame(rows, index=["configural", *steps]),
        released=pd.DataFrame(path, columns=PATH),
        effect_sizes=pd.DataFrame(),
        fitted=tuple(fitted),
        caveats=tuple(few_categories(ladder.n_thresholds or {})),
        occasions=tuple(occasions),
    )


@dataclass(frozen=True, eq=False)
class _Ladder:
    """What every step of one ladder shares."""

    scales: Scales
    responses: pd.DataFrame
    occasions: tuple[str, ...]
    n_thresholds: dict[str, int] | None
    sep: str
    options: dict[str, Any]

    def model(self, equal: Sequence[str], released: Sequence[str]) -> str:
        return occasion_model(
            self.scales,
            self.occasions,
            equal=equal,
            n_thresholds=self.n_thresholds,
            released=released,
            sep=self.sep,
        )

    def fit(self, equal: Sequence[str], released: Sequence[str]) -> ConfirmedModel:
        return confirm(self.model(equal, released), self.responses, **self.options)

    def searched(
        self,
        before: ConfirmedModel,
        equal: Sequence[str],
        released: Sequence[str],
        alpha: float,
        most: int,
    ) -> tuple[
        ConfirmedModel,
        Difference,
        list[Released],
    ]:
        """Fit a step, its last class made equal; free up to `most` items till it holds.

        Returns the model, its difference test and the path.
        """
        path: list[Released] = []
        current = self.fit(equal, released)
        test = difference_test(before, current)
        while test["p"] < alpha and len(path) < most:
            choice, statistic = self.best_release(current, equal, released, equal[-1])
            if choice is None:
                break
            released, p_before = (*released, choice), test["p"]
            current = self.fit(equal, released)
            test = difference_test(before, current)
            path.append((equal[-1], choice, statistic, p_before, test["p"]))
        return current, test, path

    def best_release(
        self,
        current: ConfirmedModel,
        equal: Sequence[str],
        released: Sequence[str],
        step: str,
    ) -> tuple[str | None, float]:
        """Return the parameter whose equality the score test rejects most."""
        best: tuple[str | None, float, float] = (None, 0.0, 1.0)
        for parameter in parameters_of(self.scales, step, self.n_thresholds):
            if parameter in released:
                continue
            freer = self.model(equal, (*released, parameter))
            test = score_test(current, parameter, freer, self.responses)
            if test is not None and (test.p, -test.statistic) < (best[2], -best[1]):
                best = (parameter, test.statistic, test.p)
        return best[0], best[1]


def _matched_thresholds(
    scales: Scales, responses: pd.DataFrame, occasions: Sequence[str], sep: str
) -> dict[str, int]:
    """Thresholds of each item, the same categories being in use at all occasions."""
    counts = {}
    for items in scales.values():
        for item in items:
            used = [
                _used(responses, f"{item}{sep}{time}").tolist() for time in occasions
            ]
            for time, now in zip(occasions, used):
                if now != used[0]:
                    raise InvalidResponses(
                        f"item {item}: categories {used[0]} at {occasions[0]} and "
                        f"{now} at {time}; join categories so that all are used "
                        "each time"
                    )
            counts[item] = len(used[0]) - 1
    return counts


def _used(responses: pd.DataFrame, column: str) -> pd.Series:
    if column not in responses.columns:
        raise InvalidResponses(
            f"no column {column} among the responses; name columns item and occasion"
        )
    return pd.Series(responses[column].dropna().unique()).sort_values()
