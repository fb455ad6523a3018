"""Do groups answer the same measure? Equality constraints, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from ..annotations import Axes, PerPerson
from ..cfa.confirm import ORDINAL, confirm
from ..cfa.difference_tests import Difference, difference_test
from ..cfa.score_tests import best_release
from ..errors import NotIdentified
from ..figures import bound, finish, mark_style, name_rows
from ..options import check_option
from ..results import Result, axes
from .effect_sizes import dmacs

if TYPE_CHECKING:
    from ..cfa.result import ConfirmedModel

CONTINUOUS_STEPS = ("loadings", "intercepts", "residuals")
ORDINAL_STEPS = ("thresholds", "loadings", "intercepts", "residuals")
NAMES = {"loadings": "metric", "intercepts": "scalar", "residuals": "strict"}
# Chen (2007): largest fall of CFI, rise of RMSEA, rise of SRMR; for ML only.
CHEN = {"loadings": (0.010, 0.015, 0.030)}
CHEN_LATER = (0.010, 0.015, 0.010)
_INDICES = ("cfi", "rmsea", "srmr")
Released: TypeAlias = tuple[str, str, float, float, float]  # a row of `PATH`
PATH = ["step", "parameter", "score_test", "p_before", "p_after"]
_WU_ESTABROOK = {
    "std_lv": True,
    "parameterization": "theta",
    "identification": "wu_estabrook",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Invariance(Result):
    """The ladder of equality constraints between groups, or over occasions.

    Attributes
    ----------
    steps : DataFrame
        One row a step: equal (what is), chi2, df, cfi, rmsea, srmr (scaled versions
        where there are any), their changes, the difference test and the verdict.
    released : DataFrame
        The path of a partial search: step, parameter, score_test, p_before, p_after.
    effect_sizes : DataFrame
        dMACS of each item, one column a group beyond the first; empty unless asked.
    fitted : tuple of ConfirmedModel
        One a step.
    """

    _headline = ("steps=steps.index", "cfi=steps.cfi", "rmsea=steps.rmsea")

    steps: pd.DataFrame
    released: pd.DataFrame
    effect_sizes: pd.DataFrame
    fitted: tuple
    caveats: tuple
    occasions: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.steps

    def model(self, step: str) -> ConfirmedModel:
        """Return the fitted model of a step, such as "loadings"."""
        return self.fitted[self.place_of(step)]

    def place_of(self, step: str) -> int:
        """Return which step of the ladder `step` is, counted from 0.

        Raises
        ------
        InvalidOption
            No step of this ladder.
        """
        check_option("step", step, self.steps.index)
        return list(self.steps.index).index(step)

    def _about(self) -> Sequence[str]:
        first = self.fitted[0]
        if self.occasions:
            times = ", ".join(map(str, self.occasions))
            return [
                f"Measurement invariance over {times} by {first.estimator}; "
                f"{first.n} persons."
            ]
        sizes = ", ".join(
            f"{label} {n}" for label, n in zip(first.groups, first.group_sizes)
        )
        return [f"Measurement invariance by {first.estimator}; persons: {sizes}."]

    def _caveats(self) -> Sequence[str]:
        path = [
            f"{row.step}: {row.parameter} released (p {row.p_before:.4f} -> "
            f"{row.p_after:.4f})."
            for row in self.released.itertuples()
        ]
        return [*path, *self.caveats]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how CFI and RMSEA change with each step, and the usual bounds."""
        steps = self.steps.iloc[1:]
        ax = axes(ax, rows=len(steps))
        at = name_rows(ax, steps.index, what="made equal")
        for k, name in enumerate(("cfi", "rmsea")):
            change, first = steps[f"change_{name}"], self.steps[name].iloc[0]
            label = f"{name.upper()}, {first:.3f} at first"
            ax.plot(change, at, label=label, **mark_style(k) | {"linestyle": "-"})
        bound(ax, -0.01, "CFI .01 lower")
        bound(ax, 0.015, "RMSEA .015 higher", k=1)
        n = sum(self.fitted[0].group_sizes)
        title = f"Invariance, n = {n}: what each step costs"
        return finish(ax, title, x="change from the step before", key=True)


def invariance(
    model: str,
    responses: pd.DataFrame,
    groups: str | PerPerson,
    *,
    estimator: str = "wlsmv",
    clusters: str | PerPerson | None = None,
    missing: str = "full",
    steps: Sequence[str] | None = None,
    released: Sequence[str] = (),
    partial: bool = False,
    alpha: float = 0.05,
    max_released: int | None = None,
    effect_sizes: bool = False,
) -> Invariance:
    """Fit the ladder of equality constraints and test each step.

    Ordinal items (Wu & Estabrook, 2016): configural, thresholds, loadings,
    intercepts, residuals, on the theta metric with unit factor variances; each step
    is judged by the scaled difference test (Satorra, 2000). Numbers: configural,
    loadings (metric), intercepts (scalar), residuals (strict), judged by the
    difference test and, under "ml", by Chen's (2007) changes as well.

    Parameters
    ----------
    model : str
        As in `confirm`.
    responses : DataFrame, shape (n_persons, n_columns)
        As in `confirm`, NaN where unanswered.
    groups : str or Series, shape (n_persons,)
        Any column: perspective, mode, language, time. Persons answer once; for
        repeated answers see `longitudinal_invariance`.
    estimator, clusters, missing : as in `confirm`
    steps : sequence of str, optional
        A part of the ladder, in its order.
    released : sequence of str
        Parameters that are free over groups from the start, such as ``"f =~ x2"``.
    partial : bool
        Where a step fails, free one item at a time by the largest score test until it
        holds, and report the path.
    alpha : float
        Level of each test.
    max_released : int, optional
        Most items freed at a step; half of them unless said.
    effect_sizes : bool
        Give dMACS (Nye & Drasgow, 2011), each item freed in turn.

    Returns
    -------
    Invariance
        A row a step; ``model(step)`` is what was fitted there.

    Raises
    ------
    NotIdentified
        One group alone.
    InvalidOption
        A step or an estimator that there is not.
    InvalidResponses
        Answers that cannot be used, or an item whose categories in use differ between
        groups: thresholds can then not be matched.
    ConvergenceError
        A step that settles on no estimates.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import invariance, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> found = invariance(
    ...     "f =~ i1 + i2 + i3 + i4",
    ...     made.responses,
    ...     np.where(np.arange(300) % 2, "user", "carer"),
    ...     estimator="ml",
    ...     steps=["loadings"],
    ... )
    >>> found.to_frame()["df"].tolist()
    [4.0, 7.0]
    """
    ordinal = estimator in ORDINAL
    steps = tuple(steps or (ORDINAL_STEPS if ordinal else CONTINUOUS_STEPS))
    options: dict[str, Any]
    options = {"estimator": estimator, "clusters": clusters, "missing": missing}
    options |= {"groups": groups, "meanstructure": True}
    options |= _WU_ESTABROOK if ordinal else {}
    fitted = [confirm(model, responses, released=released, **options)]
    if len(fitted[0].groups) < 2:
        raise NotIdentified("one group; invariance compares at least two")
    rows = [fit_row(fitted[0]) | {"verdict": "the same pattern of loadings"}]
    path: list[Released] = []
    released = tuple(released)
    most = max_released or max(1, len(fitted[0].items) // 2)
    for place, step in enumerate(steps, start=1):
        equal = steps[:place]
        current = confirm(model, responses, equal=equal, released=released, **options)
        if partial:
            search = (step, alpha, most)
            current, more = _searched(current, fitted[-1], responses, options, *search)
            path += more
            released = current.table.settings.released
        test = difference_test(fitted[-1], current)
        rows.append(compared(current, fitted[-1], test, step, alpha))
        fitted.append(current)
    sizes = pd.DataFrame()
    if effect_sizes:
        sizes = dmacs(model, responses, fitted[0], steps, options)
    return Invariance(
        steps=pd.DataFrame(rows, index=["configural", *steps]),
        released=pd.DataFrame(path, columns=PATH),
        effect_sizes=sizes,
        fitted=tuple(fitted),
        caveats=tuple(few_categories(fitted[0].table.n_thresholds)),
    )


def _searched(
    current: ConfirmedModel,
    before: ConfirmedModel,
    responses: pd.DataFrame,
    options: Mapping[str, Any],
    step: str,
    alpha: float,
    most: int,
) -> tuple[ConfirmedModel, list[Released]]:
    """Free one item at a time until `step` holds; return the model and the path."""
    path: list[Released] = []
    test = difference_test(before, current)
    while test["p"] < alpha and len(path) < most:
        choice = best_release(current, responses, options["groups"], step)
        if choice is None:
            break
        s = current.table.settings
        current = confirm(
            current.model,
            responses,
            equal=s.equal,
            released=(*s.released, choice.parameter),
            **options,
        )
        p_before, test = test["p"], difference_test(before, current)
        path.append((step, choice.parameter, choice.statistic, p_before, test["p"]))
    return current, path


def few_categories(n_thresholds: Mapping[str, int]) -> Iterator[str]:
    """Say which items' steps cannot be tested by themselves (Wu & Estabrook, 2016)."""
    binary = [item for item, n in n_thresholds.items() if n == 1]
    few = [item for item, n in n_thresholds.items() if n == 2]
    if few:
        yield (
            f"{', '.join(few)}: with fewer than four categories equal thresholds "
            "cannot be tested; that step's test rests on the other items."
        )
    if binary:
        yield (
            f"{', '.join(binary)}: of two categories, whose equal thresholds and "
            "loadings cannot be tested by themselves; they are tested together with "
            "equal intercepts, in that step."
        )


def fit_row(model: ConfirmedModel) -> dict[str, float | str]:
    """Return the fit of one step, scaled where there is such a version."""
    equal = ", ".join(model.table.settings.equal) or "nothing"
    return {"equal": equal, **_fit(model)}


def _fit(model: ConfirmedModel) -> dict[str, float]:
    f = model.fit
    return {
        "chi2": f.get("chi2_scaled", f["chi2"]),
        "df": f["df"],
        **{name: f.get(f"{name}_scaled", f[name]) for name in _INDICES},
    }


def compared(
    model: ConfirmedModel,
    before: ConfirmedModel,
    test: Difference,
    step: str,
    alpha: float,
) -> dict[str, float | str]:
    """Return a step's row: its fit, the change from the one before, the verdict."""
    new, old = _fit(model), _fit(before)
    changes = {name: new[name] - old[name] for name in _INDICES}
    return {
        **fit_row(model),
        **{f"change_{name}": change for name, change in changes.items()},
        "difference": test["difference"],
        "df_difference": test["df_difference"],
        "p": test["p"],
        "verdict": _verdict(test, changes, step, alpha, model.estimator),
    }


def _verdict(
    test: Difference,
    changes: Mapping[str, float],
    step: str,
    alpha: float,
    estimator: str,
) -> str:
    """In words; Chen's changes are for ML and are not applied to other estimators."""
    if test["df_difference"] == 0:
        return f"equal {step} cannot be tested here"
    holds = not test["p"] < alpha
    words = f"equal {step} {'hold' if holds else 'are rejected'} (p {test['p']:.3f})"
    if estimator != "ml":
        return words
    limits = CHEN.get(step, CHEN_LATER)
    worse = (-changes["cfi"], changes["rmsea"], changes["srmr"])
    small = np.array(worse) < limits
    return f"{words}; Chen's changes {'are small' if small.all() else 'are large'}"
