"""An adaptive test: from the answers so far to the next item, or the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Rng
from ..errors import InvalidResponses
from ..options import check_option, generator

if TYPE_CHECKING:
    from ..irt.parameters import ItemParameters
    from ..irt.result import IrtResult

from .bank import GRID, TabulatedBank
from .selection import (
    CRITERIA,
    eligible_by_need,
    expected_variance,
    shadow_items,
    with_penalty,
)

PRECISE, NO_GAIN, LONGEST = "precise", "no_gain", "longest"
EXHAUSTED, WISH = "exhausted", "wish"


@dataclass(frozen=True, kw_only=True)
class StopRule:
    """When to stop: never before `min_items` and every domain, always at `max_items`.

    In between, when the standard error is below `se`, or when the next item would
    lower it by less than `min_gain` (Choi, Grady & Dodd, 2010), so that nobody at
    the floor is asked on and on. All errors are on the theta metric.
    """

    min_items: int = 6
    max_items: int = 12
    se: float = 0.3
    min_gain: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a test stands: `item` is None when it is over, and then a reason is given.

    `predicted_se` is the standard error expected after `item`.
    """

    item: str | None
    theta: float
    se: float
    n_answered: int
    stop_reason: str | None
    predicted_se: float | None
    seen: dict[str, int]


@dataclass(frozen=True, eq=False)
class AdaptiveTest:
    """A bank of items with rules for choosing and stopping; it keeps no answers.

    Every step is computed from the answers alone, so a test can stop, come back
    anywhere, and be audited.

    Parameters
    ----------
    parameters : ItemParameters or IrtResult
        Calibrated items of one dimension.
    domains : dict, optional
        Domain -> its items. Each is seen before the test may end.
    stop : StopRule
    criterion : {"posterior_weighted", "expected_information", "expected_precision"}
        What is largest for the next item: information over the posterior (MPWI), over
        the thetas to be expected after its answer (MEI), or the precision after it
        (MEPV).
    balance : {"penalty", "shadow", None}
        How domains are kept at their shares: by a weighted penalty, or by choosing
        from the best full test; None keeps to having each seen.
    targets : dict, optional
        Domain -> share of items; equal by default.
    weight : float
        Of the penalty, per item of lag, against information scaled to 0-1.
    mean, sd : float
        Of the normal prior of theta.
    randomesque : int
        Draw among this many best items (needs `rng` at each step).
    max_exposure : float
        Items in more than this share of earlier tests (`exposure`) are passed over
        while their domain has others.
    """

    parameters: ItemParameters | IrtResult
    domains: dict | None = None
    stop: StopRule = StopRule()
    criterion: str = "posterior_weighted"
    balance: str | None = "penalty"
    targets: dict[str, float] | None = None
    weight: float = 0.3
    mean: float = 0.0
    sd: float = 1.0
    randomesque: int = 1
    exposure: pd.Series | None = None
    max_exposure: float = 1.0
    bank: TabulatedBank = field(init=False, repr=False)
    _shares: np.ndarray = field(init=False, repr=False)
    _overused: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_option("criterion", self.criterion, CRITERIA)
        check_option("balance", self.balance, ("penalty", "shadow", None))
        bank = TabulatedBank.of(self.parameters, self.domains)
        _check_stop(self.stop, len(bank.domains))
        even = dict.fromkeys(bank.domains, 1 / len(bank.domains))
        shares = np.array([(self.targets or even)[name] for name in bank.domains])
        rates = np.zeros(len(bank.items))
        if self.exposure is not None:
            rates = self.exposure.reindex(bank.items).fillna(0.0).to_numpy()
        object.__setattr__(self, "bank", bank)
        object.__setattr__(self, "_shares", shares / shares.sum())
        object.__setattr__(self, "_overused", rates > self.max_exposure)

    def step(
        self,
        answers: Mapping[str, float | None],
        *,
        wish: bool = False,
        rng: Rng = None,
    ) -> Step:
        """Return theta so far and the next item, or why the test is over.

        Parameters
        ----------
        answers : dict
            Item -> the code of its category, or None for an item that was offered and
            has none (skipped, does not apply). In any order; may hold answers from
            before, so a test starts anywhere.
        wish : bool
            The person wants to stop.
        rng : Generator or int
            Needed with `randomesque` above 1.

        Raises
        ------
        InvalidResponses
            An item that is not in the bank, or a code that is no category of it.
        """
        if self.randomesque > 1:
            rng = generator(rng, what="a draw among the best items")
        offered, posterior = self.posterior(answers)
        theta, se = moments(posterior)
        n_answered = sum(value is not None for value in answers.values())
        seen = np.bincount(self.bank.domain[offered], minlength=len(self.bank.domains))
        chosen = self._choose(offered, posterior, seen, rng)
        predicted = None
        if chosen is not None:
            probabilities = self.bank.probabilities[[chosen]]
            after = expected_variance(probabilities, posterior, GRID)[0]
            predicted = float(np.sqrt(max(after, 0.0)))
        reason = self._reason(len(offered), seen, se, predicted, wish)
        return Step(
            item=None if reason or chosen is None else self.bank.items[chosen],
            theta=theta,
            se=se,
            n_answered=n_answered,
            stop_reason=reason,
            predicted_se=None if reason else predicted,
            seen=dict(zip(self.bank.domains, seen.tolist())),
        )

    def estimate(self, answers: Mapping[str, float | None]) -> tuple[float, float]:
        """Return theta (EAP) and its standard error from the answers alone.

        `answers` are those of `step`. Without a category in any of them these are the
        mean and the standard deviation of the prior.
        """
        return moments(self.posterior(answers)[1])

    def precision(self, theta: Sequence[float]) -> np.ndarray:
        """Return the smallest standard errors the whole bank could give at each theta.

        From information and prior together; look below -2 before promising precision
        to people with little involvement.
        """
        test = self.bank.information.sum(axis=0)
        information = np.interp(np.asarray(theta, float), GRID, test)
        return 1 / np.sqrt(information + 1 / self.sd**2)

    def posterior(
        self, answers: Mapping[str, float | None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return positions of the items offered, and theta's posterior on the grid."""
        offered = [self.bank.position(item) for item in answers]
        log_weight = -0.5 * ((GRID - self.mean) / self.sd) ** 2
        for item, code in zip(offered, answers.values()):
            if code is not None:
                category = self.bank.category(item, code)
                log_weight = log_weight + self.bank.log_probabilities[item, category]
        weight = np.exp(log_weight - log_weight.max())
        return np.array(offered, int), weight / weight.sum()

    def _choose(
        self,
        offered: np.ndarray,
        posterior: np.ndarray,
        seen: np.ndarray,
        rng: Rng,
    ) -> int | None:
        free = np.ones(len(self.bank.items), bool)
        free[offered] = False
        if not free.any():
            return None
        free = self._sparing(free)
        value = CRITERIA[self.criterion](self.bank, posterior, GRID)
        n_left = self._sure_length(len(offered)) - len(offered)
        if self.balance == "shadow":
            length = self._sure_length(len(offered))
            free = shadow_items(value, self.bank, free, seen, self._shares, length)
        elif self.balance == "penalty":
            value = with_penalty(
                value, self.bank, free, seen, self._shares, self.weight
            )
        free = eligible_by_need(self.bank, free, seen, n_left)
        best = np.flatnonzero(free)[np.argsort(-value[free], kind="stable")]
        if self.randomesque == 1:
            return int(best[0])
        draw = generator(rng, what="a draw among the best items")
        return int(draw.choice(best[: self.randomesque]))

    def _sparing(self, free: np.ndarray) -> np.ndarray:
        """Pass over overused items where their domain has others."""
        spared = free & ~self._overused
        has_others = np.bincount(
            self.bank.domain[spared], minlength=len(self.bank.domains)
        )
        return spared | (free & (has_others[self.bank.domain] == 0))

    def _sure_length(self, n_offered: int) -> int:
        """Return how many items the test has at least, or at most once it has those."""
        least, most = self.stop.min_items, self.stop.max_items
        return least if n_offered < least else most

    def _reason(
        self,
        n_offered: int,
        seen: np.ndarray,
        se: float,
        predicted: float | None,
        wish: bool,
    ) -> str | None:
        if wish:
            return WISH
        if predicted is None:
            return EXHAUSTED
        if n_offered >= self.stop.max_items:
            return LONGEST
        available = np.bincount(self.bank.domain, minlength=len(seen)) > 0
        if n_offered < self.stop.min_items or (seen[available] == 0).any():
            return None
        if se < self.stop.se:
            return PRECISE
        return NO_GAIN if se - predicted < self.stop.min_gain else None


def moments(posterior: np.ndarray) -> tuple[float, float]:
    """Return mean (EAP) and standard deviation of a posterior over the grid."""
    theta = float(posterior @ GRID)
    return theta, float(np.sqrt(posterior @ (GRID - theta) ** 2))


def _check_stop(stop: StopRule, n_domains: int) -> None:
    if not 1 <= stop.min_items <= stop.max_items:
        raise InvalidResponses(
            f"min_items {stop.min_items} and max_items {stop.max_items}: give "
            "1 <= min_items <= max_items"
        )
    if stop.max_items < n_domains:
        raise InvalidResponses(
            f"max_items {stop.max_items} cannot see {n_domains} domains; raise it"
        )
