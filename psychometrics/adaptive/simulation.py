"""Burden and accuracy of an adaptive test, on simulated or on real answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..errors import InvalidResponses
from ..figures import finish
from ..options import generator
from ..responses import check_responses
from ..results import Result, axes
from .bank import item_parameters
from .session import AdaptiveTest, moments

LEVELS = (-np.inf, -2.0, -1.0, 0.0, 1.0, np.inf)


@dataclass(frozen=True, eq=False, kw_only=True)
class AdaptiveSimulation(Result):
    """What an adaptive test did for each of many persons.

    Attributes
    ----------
    persons : DataFrame
        theta, se, n_items, stop_reason, theta_full and se_full (the whole bank), all
        domains seen or not; true_theta where answers were simulated.
    exposure : Series
        Share of persons who were given each item.
    """

    _headline = (
        "mean_length=to_frame.mean_length.all",
        "rmse=to_frame.rmse.all",
        "n=to_frame.n.all",
    )

    persons: pd.DataFrame
    exposure: pd.Series

    @property
    def criterion(self) -> pd.Series:
        """The theta that estimates are held against: true, or by the whole bank."""
        known = "true_theta" in self.persons
        return self.persons["true_theta" if known else "theta_full"]

    def to_frame(self) -> pd.DataFrame:
        """Return burden and accuracy by level of theta, and over all."""
        level = pd.cut(self.criterion, LEVELS).rename("level")
        rows = {
            str(interval): self._row(chosen)
            for interval, chosen in self.persons.groupby(level, observed=True)
        }
        return pd.DataFrame({**rows, "all": self._row(self.persons)}).T

    def _row(self, chosen: pd.DataFrame) -> dict[str, float]:
        error = chosen["theta"] - self.criterion.loc[chosen.index]
        full = chosen["theta_full"]
        varied = len(chosen) > 2 and full.std() > 0
        return {
            "n": len(chosen),
            "median_length": chosen["n_items"].median(),
            "mean_length": chosen["n_items"].mean(),
            "mean_se": chosen["se"].mean(),
            "bias": error.mean(),
            "rmse": np.sqrt((error**2).mean()),
            "r_full": np.corrcoef(chosen["theta"], full)[0, 1] if varied else np.nan,
            "precise": (chosen["stop_reason"] == "precise").mean(),
        }

    def _about(self) -> Sequence[str]:
        against = (
            "true theta" if "true_theta" in self.persons else "theta by the whole bank"
        )
        return (
            f"Adaptive tests of {len(self.persons)} persons, held against {against}.",
        )

    def _caveats(self) -> Sequence[str]:
        low = self.persons[self.criterion < -2]
        if not len(low):
            return ("Nobody lay below theta -2; precision there is not known.",)
        return (
            f"Below theta -2: {len(low)} persons, mean standard error "
            f"{low['se'].mean():.2f}, median length {low['n_items'].median():g}.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the standard error over theta; longer tests are darker and larger."""
        ax, length = axes(ax), self.persons["n_items"]
        dots = ax.scatter(
            self.criterion,
            self.persons["se"],
            c=length,
            s=4 + 2 * length,
            cmap="Blues",
            vmin=0,
            edgecolors="0.3",
            linewidths=0.4,
        )
        ax.figure.colorbar(dots, ax=ax, label="items given (larger: more)")
        known = "true" if "true_theta" in self.persons else "by the whole bank"
        title = (
            f"Adaptive tests of {len(length)} persons: median {length.median():g} items"
        )
        return finish(ax, title, x=f"theta, {known}", y="standard error of theta")


def simulate(
    test: AdaptiveTest,
    theta: Sequence[float] | np.ndarray | None = None,
    *,
    responses: pd.DataFrame | None = None,
    rng: Rng = None,
) -> AdaptiveSimulation:
    """Give an adaptive test to simulated persons, or to real answers after the fact.

    Parameters
    ----------
    test : AdaptiveTest
    theta : array, shape (n_persons,), optional
        True values; answers are drawn from the bank's model with `rng`.
    responses : DataFrame, persons x items, optional
        Real answers to the bank in its codes. An item that a person did not answer
        is passed over when it comes up, at the cost of one place.
    rng : Generator or int
        For the answers and for `randomesque`.

    Raises
    ------
    InvalidResponses
        If not exactly one of `theta` and `responses` is given.
    """
    if (theta is None) == (responses is None):
        raise InvalidResponses("give either true theta or real responses")
    if responses is None or rng is not None:
        rng = generator(rng, what="drawing answers")
    if responses is None:
        theta = np.asarray(theta, float)
        responses = _draw(test, theta, generator(rng, what="drawing answers"))
    checked = check_responses(
        responses,
        min_persons=1,
        more_persons_than_items=False,
        varying=False,
        keep_empty=True,
    ).to_frame()
    records = [_one_person(test, row, rng) for row in checked.to_dict("records")]
    persons = pd.DataFrame([record for record, _ in records], index=checked.index)
    if theta is not None:
        persons.insert(0, "true_theta", theta)
    given = pd.Series([item for _, items in records for item in items])
    counts = given.value_counts().reindex(test.bank.items, fill_value=0)
    return AdaptiveSimulation(persons=persons, exposure=counts / len(persons))


def _draw(
    test: AdaptiveTest, theta: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """Return answers drawn from the bank's model, persons x items, in its codes."""
    parameters = item_parameters(test.parameters)
    chances = parameters.probabilities(theta)
    above = rng.random((len(chances), 1, len(theta))) > chances.cumsum(axis=1)[:, :-1]
    category = above.sum(axis=1)
    drawn = [codes[row] for codes, row in zip(test.bank.categories, category)]
    return pd.DataFrame(np.array(drawn).T, columns=test.bank.items)


def _one_person(
    test: AdaptiveTest, row: Mapping[Any, float], rng: Rng
) -> tuple[dict[str, float | str | None], list[str]]:
    known = {item: code for item, code in row.items() if not np.isnan(code)}
    answers: dict[str, float | None] = {}
    step = test.step(answers, rng=rng)
    while step.item is not None:
        answers[step.item] = known.get(step.item)
        step = test.step(answers, rng=rng)
    in_bank = {item: code for item, code in known.items() if item in test.bank.items}
    theta_full, se_full = moments(test.posterior(in_bank)[1])
    record = {
        "theta": step.theta,
        "se": step.se,
        "n_items": len(answers),
        "stop_reason": step.stop_reason,
        "theta_full": theta_full,
        "se_full": se_full,
        "all_domains": all(step.seen.values()),
    }
    return record, list(answers)
