"""What a short form keeps of the full bank, on persons who did not choose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng, Scales
from ..cfa.confirm import confirm
from ..cfa.model.builders import correlated_factors_model, one_factor_model
from ..errors import InvalidResponses, PsychometricsError
from ..figures import finish, line_style
from ..irt.calibration import graded_response, partial_credit
from ..options import generator
from ..reliability.alpha import cronbach_alpha
from ..responses import check_items_once, check_responses
from ..results import Result, axes
from ..scores.half_rule import half_rule_means

REFUSALS = (PsychometricsError, np.linalg.LinAlgError)
THETA = np.linspace(-4, 4, 41)


@dataclass(frozen=True, eq=False, kw_only=True)
class FormComparison(Result):
    """A short form beside the full bank, on held-out persons, score by score.

    Attributes
    ----------
    table : DataFrame
        Rows (score, full) and (score, form) for each score that is given; columns
        n_items, alpha, correlation with the full score, and the same corrected for
        shared items. NaN where the form has too few items of a scale.
    fit : DataFrame
        Rows full and form; cfi, rmsea and srmr of the scales as correlated factors.
    information : DataFrame, shape (n_theta, 2 n_scores)
        Information of both at each level of theta; columns (score, full or form).
    notes : tuple of str
        What could not be compared, and why.
    """

    _headline = ("corrected=table.corrected", "alpha=table.alpha", "n_persons")

    table: pd.DataFrame
    fit: pd.DataFrame
    information: pd.DataFrame
    n_persons: int
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        fit = ", ".join(
            f"{name}: CFI {row['cfi']:.3f}, RMSEA {row['rmsea']:.3f}, "
            f"SRMR {row['srmr']:.3f}"
            for name, row in self.fit.iterrows()
        )
        return (
            f"Short form beside the full bank on {self.n_persons} held-out persons.",
            f"Fit of the model of the scales; {fit}.",
        )

    def _caveats(self) -> Sequence[str]:
        return (
            "A form's items are part of the bank: the corrected correlation leaves "
            "their shared error out.",
            *self.notes,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both curves of information; of several scores, the share kept."""
        ax, theta = axes(ax), self.information.index
        scores = list(dict.fromkeys(self.information.columns.get_level_values(0)))
        if len(scores) == 1:
            for k, name in enumerate(("full", "form")):
                n_items = self.table.loc[(scores[0], name), "n_items"]
                style = line_style(k, len(theta))
                curve = self.information[(scores[0], name)]
                ax.plot(theta, curve, label=f"{name}, {n_items:.0f} items", **style)
            ax.set_ylim(0, None)
            title = "Information of the full bank and the short form"
            return finish(ax, title, x="theta", y="test information", key=True)
        for k, score in enumerate(scores):
            curves = self.information[score]
            kept = curves["form"] / curves["full"]
            ax.plot(theta, kept, label=str(score), **line_style(k, len(theta)))
        ax.set_ylim(0, 1)
        title = "Share of each scale's information that the short form keeps"
        return finish(ax, title, x="theta", y="share of information", key=True)


def split_half_sample(
    responses: pd.DataFrame, *, rng: Rng
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide persons at random: one half to choose on, one to check on (Stone, 1974).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Anything with a row a person; nothing in it is looked at.
    rng : Generator or int
        What draws the halves.

    Returns
    -------
    (DataFrame, DataFrame)
        Rows in their order; the second has one more where the number is odd.

    Raises
    ------
    InvalidOption
        Without `rng`.

    Examples
    --------
    >>> import pandas as pd
    >>> choose, check = split_half_sample(pd.DataFrame({"q1": range(5)}), rng=1)
    >>> len(choose), len(check)
    (2, 3)
    """
    order = generator(rng, what="the split").permutation(len(responses))
    half = len(responses) // 2
    return responses.iloc[np.sort(order[:half])], responses.iloc[np.sort(order[half:])]


def compare_forms(
    held_out: pd.DataFrame,
    form: Sequence[str],
    domains: Scales,
    *,
    together: bool = False,
) -> FormComparison:
    """Compare a short form with the full bank on persons who did not choose it.

    The correlation of form and bank is corrected for the errors that they share (Levy,
    1967): persons who chose the items would flatter the form (Smith et al., 2000).

    Parameters
    ----------
    held_out : DataFrame, shape (n_persons, n_items)
        Whole-number codes, all keyed one way, NaN where unanswered. A mean counts
        where at least half of its items are answered.
    form : sequence of str
        The items of the short form.
    domains : dict of str to sequence of str
        The items of each domain of the full bank. Each is scored by itself, and one
        with at least two items in the form is a factor of its model.
    together : bool
        Compare one total over all domains, because that is what will be scored.

    Returns
    -------
    FormComparison
        A row a score and version: alpha, correlation with the full bank as it is and
        corrected; with fit of the model and information of both.

    Raises
    ------
    InvalidResponses
        When the form has an item that the responses do not.

    Examples
    --------
    >>> from psychometrics import compare_forms, simulate
    >>> made = simulate.responses(200, rng=1, loadings=[[0.7]] * 6, thresholds=(-1, 1))
    >>> domains = {"involvement": list(made.responses)}
    >>> found = compare_forms(made.responses, ["i1", "i3", "i5"], domains)
    >>> found.table["n_items"].tolist()
    [6, 3]
    """
    check_items_once(domains, one_scale=True)
    absent = [item for item in form if item not in held_out.columns]
    if absent:
        raise InvalidResponses(f"no column {absent[0]} among the held-out responses")
    bank = [item for items in domains.values() for item in items]
    frame = check_responses(held_out[bank]).to_frame()
    in_form = {d: [i for i in items if i in set(form)] for d, items in domains.items()}
    scores = {"total": bank} if together else {d: list(v) for d, v in domains.items()}
    rows: dict[tuple[str, str], dict[str, float]] = {}
    curves: dict[tuple[str, str], np.ndarray] = {}
    notes = []
    for score, items in scores.items():
        own = [item for item in items if item in set(form)]
        answers = frame[items].dropna(how="all")
        rows |= _rows(answers, own, score)
        if len(own) < 2:
            few = "none of its items" if not own else "one of its items"
            notes.append(f"{score}: the form has {few}, which makes no scale")
        try:
            curves |= _information(answers, own, score)
        except REFUSALS as problem:
            notes.append(f"{score}: no information, since {problem}")
    fits = {"full": _fit(frame, domains), "form": _fit(frame[list(form)], in_form)}
    versions = pd.MultiIndex.from_tuples(rows, names=["score", "version"])
    table = pd.DataFrame(list(rows.values()), versions)
    information = pd.DataFrame(curves, pd.Index(THETA, name="theta"))
    fit = pd.DataFrame.from_dict(fits, orient="index").rename_axis("version")
    return FormComparison(
        table=table,
        fit=fit,
        information=information,
        n_persons=len(frame),
        notes=tuple(notes),
    )


def _rows(
    frame: pd.DataFrame, own: Sequence[str], score: str
) -> dict[tuple[str, str], dict[str, float]]:
    """The full score and the form's: n_items, alpha, correlation and corrected."""
    full, short = half_rule_means(frame), half_rule_means(frame[own])
    kept = frame[own].dropna(how="all")
    alpha = cronbach_alpha(kept).alpha if len(own) > 1 else np.nan
    # who has one score alone is in neither the correlation nor its correction
    both = full.notna() & short.notna()
    full, short = full[both], short[both]
    raw = full.corr(short) if own else np.nan
    corrected = _corrected(full, short, alpha, len(own) / frame.shape[1])
    values = {
        "full": (frame.shape[1], cronbach_alpha(frame).alpha, 1.0, 1.0),
        "form": (len(own), alpha, raw, corrected),
    }
    names = ("n_items", "alpha", "correlation", "corrected")
    return {(score, v): dict(zip(names, row)) for v, row in values.items()}


def _fit(frame: pd.DataFrame, domains: Scales) -> dict[str, float]:
    """Indices of correlated factors, or of one where the domains are too short."""
    scales = {name: items for name, items in domains.items() if len(items) >= 2}
    covered = sum(map(len, scales.values())) == frame.shape[1]
    model = one_factor_model(list(frame.columns))
    if covered and len(scales) > 1:
        model = correlated_factors_model(scales)
    try:
        fit = confirm(model, frame).fit
    except REFUSALS:
        return dict.fromkeys(("cfi", "rmsea", "srmr"), np.nan)
    return {
        "cfi": fit["cfi_scaled"],
        "rmsea": fit["rmsea_scaled"],
        "srmr": fit["srmr"],
    }


def _corrected(full: pd.Series, short: pd.Series, alpha: float, share: float) -> float:
    """Correlation of the form with the full bank, shared error left out (Levy, 1967).

    The errors of shared items are the form's: their variance, (1 - alpha) times the
    form's, is taken out of the covariance of the two sums.
    """
    if not np.isfinite(alpha):
        return np.nan
    shared = (1 - alpha) * short.var() * share
    return (full.cov(short) - shared) / (full.std() * short.std())


def _information(
    frame: pd.DataFrame, own: Sequence[str], score: str
) -> dict[tuple[str, str], np.ndarray]:
    by_item = calibrated_information(frame, THETA)
    return {
        (score, "full"): by_item["test"].to_numpy(),
        (score, "form"): by_item[list(own)].sum(axis=1).to_numpy(),
    }


def calibrated_information(
    responses: pd.DataFrame, theta: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Return each item's information and the test's, on a theta with mean 0 and SD 1.

    From the graded response model; of two items, whose one correlation cannot tell
    two slopes, from the partial credit model, which gives both the same.
    """
    if responses.shape[1] > 2:
        return graded_response(responses, se=False).information(theta)
    fit = partial_credit(responses, se=False)
    mean, sd = float(fit.latent.mean[0]), float(fit.latent.sd[0])
    curves = fit.information(mean + sd * np.asarray(theta))
    return (sd**2 * curves).set_index(pd.Index(theta, name=curves.index.name))
