"""The answers under study and the estimates that several sections share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Scales
from ..cfa.model_comparison import RivalModels, compare_models
from ..correlation.polychoric import polychoric
from ..counted import counted
from ..errors import InvalidResponses, PsychometricsError
from ..irt.calibration import graded_response
from ..responses import check_items_once, check_responses
from ..scores.half_rule import half_rule_means
from .criteria import Criteria
from .fingerprint import fingerprint_of
from .hypothesis_tests import tested
from .longitudinal import Occasion, changes_of, important_changes, retests_of
from .plan import Plan
from .rival_models import planned_models

if TYPE_CHECKING:
    from ..correlation.result import PolychoricResult
    from ..irt.result import IrtResult
    from ..reliability.retest import RetestResult
    from ..scores.change import ChangeResult
    from ..scores.minimal_important_change import MICResult


# What is said of each person beside the answers: of nobody where a row is empty.
BY_PERSON = ("groups", "applies", "assumed", "in_doubt", "as_lowest", "variants")


@dataclass(frozen=True, eq=False)
class Study:
    """Checked answers, all keyed one way, with what the sections need of them.

    Attributes
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Codes after reversal, NaN where unanswered.
    scales : dict of str to list of str
        The items of each scale.
    categories : tuple of int
        The lowest and highest code an answer may have.
    groups : Series or None
        The group of each person, for invariance and differential functioning.
    background : DataFrame or None
        Further columns of the same persons.
    applies : boolean DataFrame or None
        False where an item does not apply to a person, or was not asked.
    assumed : boolean DataFrame or None
        True where a filter question gave the lowest answer and the person none.
    in_doubt : boolean Series or None
        The persons who were not sure at the filter question.
    as_lowest : boolean DataFrame or None
        True where the person gave a reason that counts as the lowest category.
    variants : Series or None
        The variant of the form that each person was given.
    retest, follow_up : Occasion or None
        The same persons' answers later, coded in the same way.
    population : DataFrame or None
        variable, group, count and, if known, invited.
    departures : tuple of (what, planned, done)
        Where the caller's settings are not the plan's.
    n_empty : int
        Rows of the file without an answer to any item, which are nobody.
    """

    responses: pd.DataFrame
    scales: dict
    categories: tuple
    groups: pd.Series | None = None
    reversed_items: tuple = ()
    seed: int = 1
    executor: object = None
    n_replications: int | None = None
    missing_reasons: pd.DataFrame | None = None
    background: pd.DataFrame | None = None
    applies: pd.DataFrame | None = None
    assumed: pd.DataFrame | None = None
    in_doubt: pd.Series | None = None
    as_lowest: pd.DataFrame | None = None
    variants: pd.Series | None = None
    retest: Occasion | None = None
    follow_up: Occasion | None = None
    population: pd.DataFrame | None = None
    estimator: str = "wlsmv"
    plan: Plan | None = None
    departures: tuple = field(default=())
    n_empty: int = 0

    @property
    def items(self) -> list[str]:
        return list(self.responses.columns)

    @property
    def n_persons(self) -> int:
        return len(self.responses)

    @property
    def criteria(self) -> Criteria:
        """The plan's bounds, else the published ones."""
        return self.plan.criteria if self.plan else Criteria()

    @cached_property
    def complete(self) -> pd.DataFrame:
        """The persons who answered every item."""
        return self.responses.dropna()

    @cached_property
    def polychoric(self) -> PolychoricResult:
        """Pairwise polychoric correlations of all items."""
        return polychoric(self.responses)

    @cached_property
    def rivals(self) -> RivalModels:
        """The rival models, fitted to all answers, without what tests them further.

        No section compares them by difference tests, whose sample moments would stay
        in memory until the report is done: 65 MB of 72 items.
        """
        models, _ = planned_models(self)
        found = compare_models(
            models, self.responses, estimator=self.estimator, folds=0
        )
        fitted = tuple(replace(model, evidence=None) for model in found.fitted)
        return replace(found, fitted=fitted)

    @property
    def intended(self) -> str:
        """The name of the model that verdicts are about."""
        return planned_models(self)[1]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all that was read: the same data give the same digits."""
        return fingerprint_of(self)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Mean score of each scale for those with at least half its items."""
        return self.scored(self.responses, self.applies)

    @cached_property
    def calibrations(self) -> tuple[dict[str, IrtResult], dict[str, str]]:
        """{scale: graded response model} of three items or more, {scale: why not}."""
        fits, problems = {}, {}
        for scale, items in self.scales.items():
            if len(items) < 3:
                continue
            try:
                fits[scale] = graded_response(self.scale_frame(scale))
            except PsychometricsError as problem:
                problems[scale] = str(problem)
        return fits, problems

    @cached_property
    def n_pairs(self) -> int:
        """The median number of persons behind a correlation of two items."""
        answered = self.responses.notna().to_numpy(float)
        counts = answered.T @ answered
        return int(np.median(counts[np.tril_indices(len(counts), -1)]))

    @property
    def n_stable(self) -> int:
        """The most people that any scale's retest rests on."""
        return max((found.n for found in self.retests[0].values()), default=0)

    @cached_property
    def retests(self) -> tuple[dict[str, RetestResult], dict[str, str]]:
        """{scale: RetestResult} of the stable persons, and {scale: why not}."""
        return retests_of(self)

    @cached_property
    def changes(self) -> tuple[dict[str, ChangeResult], dict[str, str]]:
        """{scale: ChangeResult} up to the follow-up, and {scale: why not}."""
        return changes_of(self)

    @cached_property
    def important(self) -> tuple[dict[str, MICResult], dict[str, str]]:
        """{scale: MICResult} by the anchor, and {scale: why not}."""
        return important_changes(self)

    @cached_property
    def tested(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What was found for each hypothesis of the plan, or why nothing was."""
        return tested(self)

    def scale_frame(self, scale: str) -> pd.DataFrame:
        """The answers to the items of one scale."""
        return self.responses[list(self.scales[scale])]

    def n_answered(self, scale: str) -> int:
        """How many persons answered any item of a scale: those it is judged by."""
        return int(self.scale_frame(scale).notna().any(axis=1).sum())

    def with_scale(self, name: str) -> Study:
        """The same study with one more scale, of all items."""
        return replace(self, scales={**self.scales, name: self.items})

    def scored(
        self, responses: pd.DataFrame, applies: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Mean of the items for those with at least half of the items that apply."""
        means = {
            scale: half_rule_means(
                responses[list(items)],
                None if applies is None else applies[list(items)],
            )
            for scale, items in self.scales.items()
        }
        return pd.DataFrame(means)


def prepare_study(
    responses: pd.DataFrame,
    scales: Scales | None = None,
    *,
    reverse: Sequence[str] = (),
    categories: tuple[int, int] | None = None,
    retest: Occasion | None = None,
    follow_up: Occasion | None = None,
    background: pd.DataFrame | None = None,
    **options: object,
) -> Study:
    """Check the answers, turn the reversed items round, and return a `Study`.

    Raises
    ------
    InvalidResponses
        An item of a scale or of `reverse` that the table does not have, a scale of
        fewer than two items, codes outside `categories`, or background that is not
        of the same persons.
    """
    columns = list(responses.columns)
    scales = (
        {"total": columns} if not scales else {k: list(v) for k, v in scales.items()}
    )
    wanted = dict.fromkeys(item for items in scales.values() for item in items)
    _check_known([*wanted, *reverse], columns)
    _check_lengths(scales)
    checked = check_responses(
        responses[list(wanted)], codes_stated=categories is not None
    )
    low, high = categories or (
        int(min(used[0] for used in checked.categories)),
        int(max(used[-1] for used in checked.categories)),
    )
    turned = [item for item in reverse if item in wanted]
    frame = _keyed(checked.to_frame(), turned, low, high)
    if background is not None and not background.index.equals(responses.index):
        raise InvalidResponses(
            "background has other rows than responses; give one row a person, with "
            "the same labels"
        )
    for name in BY_PERSON if checked.n_empty else ():
        if options.get(name) is not None:
            options[name] = options[name].reindex(frame.index)
    return Study(
        frame,
        scales,
        (low, high),
        reversed_items=tuple(turned),
        background=None if background is None else background.loc[frame.index],
        n_empty=checked.n_empty,
        retest=_later(retest, list(wanted), turned, low, high),
        follow_up=_later(follow_up, list(wanted), turned, low, high),
        **options,
    )


def _later(
    occasion: Occasion | None,
    items: Sequence[str],
    turned: Sequence[str],
    low: int,
    high: int,
) -> Occasion | None:
    """A later occasion in the same keying."""
    if occasion is None:
        return None
    _check_known(items, list(occasion.responses.columns))
    answers = occasion.responses[items].astype(float)
    return occasion.keyed(_keyed(answers, turned, low, high))


def _keyed(
    frame: pd.DataFrame, turned: Sequence[str], low: int, high: int
) -> pd.DataFrame:
    _check_range(frame, low, high)
    frame = frame.copy()
    frame[turned] = low + high - frame[turned]
    return frame


def _check_known(wanted: Sequence[str], columns: Sequence[str]) -> None:
    unknown = [item for item in wanted if item not in columns]
    if unknown:
        raise InvalidResponses(
            f"no column {unknown[0]}; the table has {', '.join(map(str, columns[:8]))}"
            + (" ..." if len(columns) > 8 else "")
        )


def _check_lengths(scales: Scales) -> None:
    check_items_once(scales)
    for name, items in scales.items():
        if len(items) < 2:
            raise InvalidResponses(
                f"scale {name} has {counted(len(items), 'item')}; "
                "the report needs two a scale"
            )


def _check_range(frame: pd.DataFrame, low: int, high: int) -> None:
    outside = (frame < low) | (frame > high)
    if outside.to_numpy().any():
        item = outside.any().idxmax()
        row = outside[item].idxmax()
        raise InvalidResponses(
            f"item {item} has {frame.loc[row, item]:g} at row {row}; "
            f"its categories run from {low} to {high}"
        )
