"""Short forms: the best set of items under content rules, proven best where it can be.

Linear criteria are solved as mixed-integer programmes (van der Linden, 2005, Linear
Models for Optimal Test Design); others are searched by an ant colony (Leite, Huang &
Marcoulides, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Progress, Rng, Scales
from ..counted import counted
from ..errors import ConvergenceError, InvalidOption, NotIdentified
from ..figures import bars, finish, line_style, name_rows
from ..options import generator
from ..results import Result, axes


@dataclass(frozen=True, eq=False, kw_only=True)
class ShortForm(Result):
    """The chosen items of one or more forms, and how near the best they are.

    Attributes
    ----------
    items : DataFrame, one row a chosen item
        Columns form, domain and value (the item's share of the objective).
    objective, bound : float
        What was reached, and the most that any form under these rules can reach.
    information : DataFrame, shape (n_theta, n_forms), or None
        Summed information of each form at each level of theta.
    """

    _headline = ("objective", "items=items.index", "criterion")

    items: pd.DataFrame
    criterion: str
    objective: float
    bound: float
    information: pd.DataFrame | None = None

    @property
    def gap(self) -> float:
        """Share of the bound that may still be missing; 0 is proven best."""
        return abs(self.bound - self.objective) / max(abs(self.bound), 1e-12)

    @property
    def is_optimal(self) -> bool:
        return self.gap < 1e-6

    def form(self, number: int = 1) -> list[str]:
        """The item ids of one form, in the order of the bank."""
        return self.items.index[self.items["form"] == number].tolist()

    def to_frame(self) -> pd.DataFrame:
        return self.items

    def _about(self) -> Sequence[str]:
        proven = "proven optimal" if self.is_optimal else f"gap {self.gap:.2%}"
        n_forms = self.items["form"].nunique()
        return (
            f"{counted(n_forms, 'form')} of {len(self.items) // n_forms} items by "
            f"{self.criterion}: {self.objective:.4g} ({proven}).",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each form's information over theta, or each item's share."""
        n_forms = self.items["form"].nunique()
        title = f"{counted(n_forms, 'form')} of {len(self.items) // n_forms} items"
        if self.information is None:
            ax = axes(ax, rows=len(self.items))
            bars(ax, name_rows(ax, self.items.index), self.items["value"])
            return finish(ax, title, x=f"share of the objective ({self.criterion})")
        ax, theta = axes(ax), self.information.index
        for k, form in enumerate(self.information):
            style = line_style(k, len(theta))
            ax.plot(theta, self.information[form], label=f"form {form}", **style)
        ax.set_ylim(0, None)
        return finish(ax, title, x="theta", y="test information", key=True)


def assemble(
    information: pd.DataFrame,
    domains: Scales,
    n_items: int,
    *,
    criterion: str = "weighted",
    weights: Sequence[float] | None = None,
    minimum: int | Mapping[str, int] = 1,
    maximum: int | Mapping[str, int] | None = None,
    enemies: Sequence[Sequence[str]] = (),
    forced: Sequence[str] = (),
    forbidden: Sequence[str] = (),
    load: pd.Series | pd.DataFrame | None = None,
    load_limit: float | Mapping[str, float] | None = None,
    n_forms: int = 1,
    time_limit: float = 60.0,
) -> ShortForm:
    """Choose the items of the best short form by mixed-integer programming.

    Parameters
    ----------
    information : DataFrame
        Either item information, shape (n_items, n_theta), columns the levels of
        theta; or, with ``criterion="reliability"``, loadings of shape
        (n_items, n_factors) on the factor or factors that the form is to measure.
    domains : dict of str to sequence of str
        The items of each content domain; every item belongs to at most one.
    n_items : int
        Length of each form.
    criterion : {"weighted", "maximin", "reliability"}
        Most information summed over theta with `weights`; the highest lowest
        information over theta (relative to `weights` where given); or the highest
        maximal reliability, which grows with the sum of l^2 / (1 - l^2) (Hancock &
        Mueller, 2001).
    weights : sequence of float, optional
        One a level of theta, above zero; equal by default.
    minimum, maximum : int or dict of str to int
        Fewest and most items of each domain in each form.
    enemies : sequence of sequences of str
        Of each group at most one item may stand in a form.
    forced, forbidden : sequences of str
        Items that every form must, or no form may, contain.
    load : Series or DataFrame, shape (n_items, n_costs), optional
        Cost of each item: reading load, seconds, ...
    load_limit : float or dict, optional
        The most that a form may sum to, or that for each column of `load`.
    n_forms : int
        Forms without common items (but for `forced`); more than one are made alike
        by maximising the weakest of them.
    time_limit : float
        Seconds before the best form so far is returned with its gap.

    Returns
    -------
    ShortForm
        The chosen items with their domains, the objective and its proven bound.

    Raises
    ------
    NotIdentified
        When no form satisfies the rules.
    ConvergenceError
        When the time ran out before any form was found.

    Examples
    --------
    >>> import pandas as pd
    >>> information = pd.DataFrame({0.0: [1.0, 0.4, 0.9, 0.2]}, list("abcd"))
    >>> domains = {"trust": ["a", "b"], "parity": ["c", "d"]}
    >>> assemble(information, domains, 2).to_frame().index.tolist()
    ['a', 'c']
    """
    values = _item_values(information, criterion, weights)
    rules = _Rules(list(information.index), n_forms)
    rules.length(n_items)
    rules.content(domains, minimum, maximum)
    rules.enemies(enemies)
    rules.fixed(forced, forbidden)
    if load is not None:
        rules.load(pd.DataFrame(load), load_limit)
    summed = criterion != "maximin" and n_forms == 1
    chosen, objective, bound = rules.solve(values, summed, time_limit)
    frame = _chosen_frame(chosen, values, information.index, domains)
    curves = None
    if criterion != "reliability":
        curves = pd.DataFrame(
            {f + 1: information[chosen[f]].sum() for f in range(n_forms)}
        ).rename_axis(index="theta", columns="form")
    return ShortForm(
        items=frame,
        criterion=criterion,
        objective=objective,
        bound=bound,
        information=curves,
    )


def _item_values(
    information: pd.DataFrame, criterion: str, weights: Sequence[float] | None
) -> np.ndarray:
    """Items x levels: what each item adds to each sum that is to be large."""
    table = information.to_numpy(float)
    if criterion == "reliability":
        squared = (table**2).clip(max=0.9999)
        return squared / (1 - squared)
    weighted = (
        np.ones(table.shape[1]) if weights is None else np.asarray(weights, float)
    )
    if criterion == "weighted":
        return (table @ weighted / weighted.sum())[:, None]
    if criterion == "maximin":
        return table / weighted
    raise InvalidOption(
        f"criterion is {criterion!r}; give one of weighted, maximin, reliability"
    )


def _chosen_frame(
    chosen: np.ndarray, values: np.ndarray, labels: pd.Index, domains: Scales
) -> pd.DataFrame:
    home = {item: name for name, items in domains.items() for item in items}
    rows = [
        (labels[i], form + 1, home.get(labels[i]), values[i].mean())
        for form in range(len(chosen))
        for i in np.flatnonzero(chosen[form]).tolist()
    ]
    frame = pd.DataFrame(rows, columns=["item", "form", "domain", "value"])
    return frame.set_index("item")


class _Rules:
    """Linear rules over x[form, item] in {0, 1}, gathered before they are solved."""

    def __init__(self, items: Sequence[str], n_forms: int) -> None:
        self.items, self.n_forms = items, n_forms
        self.position = {item: i for i, item in enumerate(items)}
        self.rows: list[np.ndarray] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.fixed_low = np.zeros(len(items))
        self.fixed_high = np.ones(len(items))

    def _each_form(self, coefficients: np.ndarray, low: float, high: float) -> None:
        for form in range(self.n_forms):
            row = np.zeros((self.n_forms, len(self.items)))
            row[form] = coefficients
            self._add(row.ravel(), low, high)

    def _add(self, row: np.ndarray, low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def _members(self, items: Sequence[str]) -> np.ndarray:
        unknown = [item for item in items if item not in self.position]
        if unknown:
            raise NotIdentified(f"item {unknown[0]} is not among those to choose from")
        row = np.zeros(len(self.items))
        row[[self.position[item] for item in items]] = 1
        return row

    def length(self, n_items: int) -> None:
        self._each_form(np.ones(len(self.items)), n_items, n_items)

    def content(
        self,
        domains: Scales,
        minimum: int | Mapping[str, int],
        maximum: int | Mapping[str, int] | None,
    ) -> None:
        for name, items in domains.items():
            least = minimum.get(name, 0) if isinstance(minimum, Mapping) else minimum
            most = maximum.get(name) if isinstance(maximum, Mapping) else maximum
            high = np.inf if most is None else most
            self._each_form(self._members(items), least, high)

    def enemies(self, groups: Sequence[Sequence[str]]) -> None:
        for group in groups:
            self._each_form(self._members(group), 0, 1)

    def fixed(self, forced: Sequence[str], forbidden: Sequence[str]) -> None:
        self.fixed_low = self._members(forced)
        self.fixed_high = 1 - self._members(forbidden)
        for i in np.flatnonzero(1 - self.fixed_low):
            row = np.zeros((self.n_forms, len(self.items)))
            row[:, i] = 1
            if self.n_forms > 1:
                self._add(row.ravel(), 0, 1)

    def load(
        self, load: pd.DataFrame, limit: float | Mapping[str, float] | None
    ) -> None:
        limits = pd.Series(limit, index=load.columns, dtype=float)
        costs = load.reindex(list(self.items))
        for name, most in limits.items():
            self._each_form(costs[name].to_numpy(float), -np.inf, float(most))

    def solve(
        self, values: np.ndarray, summed: bool, time_limit: float
    ) -> tuple[np.ndarray, float, float]:
        """Maximise the sum, or the smallest sum over forms and levels."""
        n = self.n_forms * len(self.items)
        rows, low, high = list(self.rows), list(self.low), list(self.high)
        if summed:
            cost = -np.tile(values.sum(axis=1), self.n_forms)
            extra = 0
        else:
            cost, extra = np.r_[np.zeros(n), -1.0], 1
            for form in range(self.n_forms):
                for level in values.T:
                    row = np.zeros((self.n_forms, len(self.items)))
                    row[form] = level
                    rows.append(row.ravel())
                    low.append(0)
                    high.append(np.inf)
        matrix = np.array(rows)
        if extra:
            smallest = np.zeros((len(rows), 1))
            smallest[len(self.rows) :] = -1
            matrix = np.hstack([matrix, smallest])
        from scipy import (  # slow to load: not where nothing asks for it
            optimize,
            sparse,
        )

        found = optimize.milp(
            cost,
            constraints=optimize.LinearConstraint(sparse.csr_array(matrix), low, high),
            integrality=np.r_[np.ones(n), np.zeros(extra)],
            bounds=optimize.Bounds(
                np.r_[np.tile(self.fixed_low, self.n_forms), np.zeros(extra)],
                np.r_[np.tile(self.fixed_high, self.n_forms), np.full(extra, np.inf)],
            ),
            options={"time_limit": time_limit, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            if found.status == 1:
                raise ConvergenceError(f"no form found within {time_limit:g} seconds")
            raise NotIdentified(
                "no form satisfies all rules; relax a minimum, an enemy or a limit"
            )
        chosen = found.x[:n].round().astype(bool).reshape(self.n_forms, -1)
        return chosen, -found.fun, -found.mip_dual_bound


def ant_colony(
    quality: Callable[[Sequence[str]], float],
    domains: Scales,
    n_items: int,
    *,
    rng: Rng,
    minimum: int = 1,
    n_ants: int = 20,
    max_iter: int = 100,
    patience: int = 25,
    evaporation: float = 0.9,
    progress: Progress | None = None,
) -> ShortForm:
    """Search a short form for any criterion, linear or not, by an ant colony.

    Leite, Huang & Marcoulides (2008).

    Parameters
    ----------
    quality : callable
        Takes a list of item ids, returns a number; larger is better. A form that
        cannot be judged may return NaN.
    domains : dict of str to sequence of str
        The items of each domain; a form holds at least `minimum` of each.
    n_items : int
        Length of the form.
    rng : Generator or int
        Decides which way the ants go; the same state gives the same form.
    minimum : int
        Fewest items of each domain.
    n_ants, max_iter : int
        Forms tried in a round, and rounds at most.
    patience : int
        Rounds without a better form after which the search stops.
    evaporation : float in (0, 1)
        Share of the pheromone that is left after a round.
    progress : callable, optional
        Called with (rounds done, `max_iter`).

    Returns
    -------
    ShortForm
        `bound` is NaN: a search proves nothing.

    Raises
    ------
    NotIdentified
        No form of this length holds the minimum of each domain.
    ConvergenceError
        No form that was tried could be judged.

    Examples
    --------
    >>> domains = {"trust": ["a", "b"], "parity": ["c", "d"]}
    >>> worth = {"a": 3, "b": 1, "c": 2, "d": 1}
    >>> found = ant_colony(lambda form: sum(map(worth.get, form)), domains, 2, rng=1)
    >>> found.to_frame().index.tolist()
    ['a', 'c']
    """
    pheromone = {item: 1.0 for items in domains.values() for item in items}
    if n_items < minimum * len(domains) or n_items > len(pheromone):
        raise NotIdentified(
            f"no form of {n_items} items holds {minimum} of each domain"
        )
    rng = generator(rng, what="the search")
    best, best_quality, idle, known = None, -np.inf, 0, {}
    for iteration in range(max_iter):
        forms = [
            _walk(pheromone, domains, n_items, minimum, rng) for _ in range(n_ants)
        ]
        for form in forms:
            if form not in known:
                known[form] = quality(list(form))
        leader = max(forms, key=lambda form: np.nan_to_num(known[form], nan=-np.inf))
        if known[leader] > best_quality:
            best, best_quality, idle = leader, known[leader], 0
        else:
            idle += 1
        for item in pheromone:
            pheromone[item] *= evaporation
        for item in best or leader:
            pheromone[item] += 1.0
        if progress is not None:
            progress(iteration + 1, max_iter)
        if idle >= patience:
            break
    if best is None:
        raise ConvergenceError("no form that the ants tried could be judged")
    home = {item: name for name, items in domains.items() for item in items}
    frame = pd.DataFrame(
        {"form": 1, "domain": [home[item] for item in best], "value": np.nan},
        index=pd.Index(best, name="item"),
    )
    return ShortForm(
        items=frame, criterion="ant colony", objective=float(best_quality), bound=np.nan
    )


def _walk(
    pheromone: Mapping[str, float],
    domains: Scales,
    n_items: int,
    minimum: int,
    rng: np.random.Generator,
) -> tuple[str, ...]:
    """One ant's form: the minimum of each domain, then the rest from all."""
    form: list[str] = []
    for items in domains.values():
        form += _draw(pheromone, list(items), minimum, rng)
    rest = [item for item in pheromone if item not in form]
    form += _draw(pheromone, rest, n_items - len(form), rng)
    order = list(pheromone)
    return tuple(sorted(form, key=order.index))


def _draw(
    pheromone: Mapping[str, float],
    items: Sequence[str],
    how_many: int,
    rng: np.random.Generator,
) -> list[str]:
    strength = np.array([pheromone[item] for item in items])
    picked = rng.choice(
        len(items), how_many, replace=False, p=strength / strength.sum()
    )
    return [items[i] for i in picked]
