"""What a short form keeps of the full bank, on persons who did not choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng, Scales
from ..cfa.confirm import confirm
from ..cfa.model.builders import correlated_factors_model, one_factor_model
from ..errors import ConvergenceError, InvalidResponses, NotIdentified
from ..figures import finish, line_style
from ..irt.calibration import graded_response
from ..options import generator
from ..reliability.alpha import cronbach_alpha
from ..responses import check_responses
from ..results import Result, axes


@dataclass(frozen=True, eq=False)
class FormComparison(Result):
    """A short form beside the full bank, on held-out persons.

    Attributes
    ----------
    table : DataFrame
        Rows full and form; columns n_items, alpha, correlation with the full score,
        the same corrected for shared items, cfi, rmsea, srmr.
    information : DataFrame, shape (n_theta, 2)
        Test information of both at each level of theta.
    """

    table: pd.DataFrame
    information: pd.DataFrame
    n_persons: int

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"Short form beside the full bank on {self.n_persons} held-out persons.",
        )

    def _caveats(self) -> Sequence[str]:
        return (
            "A form's items are part of the bank: the corrected correlation leaves "
            "their shared error out.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the information of both over theta."""
        ax, theta = axes(ax), self.information.index
        for k, name in enumerate(("full", "form")):
            label = f"{name}, {self.table.loc[name, 'n_items']:.0f} items"
            style = line_style(k, len(theta))
            ax.plot(theta, self.information[name], label=label, **style)
        ax.set_ylim(0, None)
        title = "Information of the full bank and the short form"
        return finish(ax, title, x="theta", y="test information", key=True)


def split_half_sample(
    responses: pd.DataFrame, *, rng: Rng
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide persons at random into two halves: one to choose on, one to check on."""
    order = generator(rng, what="the split").permutation(len(responses))
    half = len(responses) // 2
    return responses.iloc[np.sort(order[:half])], responses.iloc[np.sort(order[half:])]


def compare_forms(
    held_out: pd.DataFrame, form: Sequence[str], domains: Scales
) -> FormComparison:
    """Compare a short form with the full bank on persons who did not choose it.

    Parameters
    ----------
    held_out : DataFrame, shape (n_persons, n_items)
        Whole-number codes, all keyed one way, NaN where unanswered.
    form : sequence of str
        The items of the short form.
    domains : dict of str to sequence of str
        The items of each domain of the full bank; a domain with at least two items in
        the form is a factor of its model.

    Raises
    ------
    InvalidResponses
        When the form has an item that the responses do not.
    """
    absent = [item for item in form if item not in held_out.columns]
    if absent:
        raise InvalidResponses(f"no column {absent[0]} among the held-out responses")
    bank = [item for items in domains.values() for item in items]
    frame = check_responses(held_out[bank]).to_frame()
    form = list(form)
    rows = {
        "full": _row(frame, domains),
        "form": _row(
            frame[form], {d: [i for i in form if i in domains[d]] for d in domains}
        ),
    }
    table = pd.DataFrame.from_dict(rows, orient="index")
    full, short = frame.mean(axis=1), frame[form].mean(axis=1)
    table["correlation"] = [1.0, full.corr(short)]
    table["corrected"] = [1.0, _corrected(frame, form, table["alpha"])]
    return FormComparison(table, _information(frame, form), len(frame))


def _row(frame: pd.DataFrame, domains: Scales) -> dict[str, float]:
    alpha = cronbach_alpha(frame).alpha
    fit = _fit(frame, domains)
    return {"n_items": frame.shape[1], "alpha": alpha, **fit}


def _fit(frame: pd.DataFrame, domains: Scales) -> dict[str, float]:
    """Indices of correlated factors, or of one where the domains are too short."""
    scales = {name: items for name, items in domains.items() if len(items) >= 2}
    covered = sum(map(len, scales.values())) == frame.shape[1]
    model = one_factor_model(list(frame.columns))
    if covered and len(scales) > 1:
        model = correlated_factors_model(scales)
    try:
        fit = confirm(model, frame).fit
    except (ConvergenceError, NotIdentified):
        return dict.fromkeys(("cfi", "rmsea", "srmr"), np.nan)
    return {
        "cfi": fit["cfi_scaled"],
        "rmsea": fit["rmsea_scaled"],
        "srmr": fit["srmr"],
    }


def _corrected(frame: pd.DataFrame, form: Sequence[str], alpha: float) -> float:
    """Correlation of the form with the full bank, shared error left out (Levy, 1967).

    The errors of shared items are the form's: their variance, (1 - alpha) times the
    form's, is taken out of the covariance of the two sums.
    """
    full, short = frame.mean(axis=1), frame[form].mean(axis=1)
    shared = (1 - alpha["form"]) * short.var() * len(form) / frame.shape[1]
    return (full.cov(short) - shared) / (full.std() * short.std())


def _information(frame: pd.DataFrame, form: Sequence[str]) -> pd.DataFrame:
    theta = np.linspace(-4, 4, 41)
    by_item = graded_response(frame, se=False).information(theta)
    return pd.DataFrame({"full": by_item["test"], "form": by_item[form].sum(axis=1)})
