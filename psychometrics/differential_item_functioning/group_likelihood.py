"""The likelihood of graded models that share some items' parameters between groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..irt.em_quadrature import (
    Expectation,
    at_nodes,
    item_gradient,
    missing_information,
    predictor_slopes,
)
from ..irt.latent_distribution import Normal, Normals, normals_at
from ..irt.models import Curves, curves
from ..irt.objective import group_information, latent_bend
from ..irt.parameter_kinds import Kind
from ..irt.patterns import Patterns
from ..optimise import inverted


@dataclass(frozen=True, eq=False)
class GroupAnswers:
    """What every model of one analysis is fitted to, patterns in the order of groups.

    Theta is standard normal in the first group, normal and free in the others.
    """

    parts: tuple[Patterns, ...]
    nodes: np.ndarray

    @property
    def n_groups(self) -> int:
        return len(self.parts)

    @property
    def n_items(self) -> int:
        return len(self.parts[0].items)

    @property
    def n_steps(self) -> int:
        return self.parts[0].shape[1] - 1

    @cached_property
    def rows(self) -> tuple[slice, ...]:
        """Where each group's patterns stand among those of all."""
        ends = np.cumsum([0, *(len(part.counts) for part in self.parts)])
        return tuple(slice(*pair) for pair in zip(ends[:-1], ends[1:]))

    @cached_property
    def indicators(self) -> np.ndarray:
        return np.concatenate([part.indicators for part in self.parts])

    @cached_property
    def counts(self) -> np.ndarray:
        return np.concatenate([part.counts for part in self.parts])

    @cached_property
    def steepness(self) -> np.ndarray:
        return predictor_slopes("graded", self.nodes, self.n_steps)

    @cached_property
    def is_present(self) -> np.ndarray:
        """Which parameters (slope, then steps) each item has: shape (J, P)."""
        steps = np.arange(self.n_steps)
        present = steps < self.parts[0].n_categories[:, None] - 1
        return np.column_stack([np.ones(self.n_items, bool), present])

    @cached_property
    def names(self) -> list[str]:
        """What an item's parameters are called, item by item."""
        kinds = ["a1", *(f"d{step + 1}" for step in range(self.n_steps))]
        return [f"{item}.{kind}" for item in self.parts[0].items for kind in kinds]

    @cached_property
    def latents(self) -> tuple[Normal, ...]:
        free = Normal(self.nodes, is_mean_free=True, is_sd_free=True)
        return (Normal(self.nodes), *[free] * (self.n_groups - 1))

    def columns(
        self, is_equal: np.ndarray, loose_item: int | None = None
    ) -> np.ndarray:
        """Return which free parameter stands where: shape (G, J, P), -1 where none.

        The items of `is_equal` have one set of parameters for all groups, the others
        one for each; `loose_item` has one slope and intercepts for each.
        """
        present = self.is_present
        first = np.full(present.shape, -1)
        first[present] = np.arange(present.sum())
        whole = np.tile(first, (self.n_groups, 1, 1))
        own = present & ~np.asarray(is_equal)[:, None]
        if loose_item is not None:
            own[loose_item, 0] = False
        for g in range(1, self.n_groups):
            n_before = present.sum() + (g - 1) * own.sum()
            whole[g][own] = n_before + np.arange(own.sum())
        return whole


@dataclass(frozen=True, eq=False)
class _Step:
    """What one E-step leaves: curves and expected counts of each set of parameters."""

    value: float
    found: Curves
    counts: np.ndarray  # sets x K x Q
    node_counts: np.ndarray  # groups x nodes
    weighted: np.ndarray  # patterns x nodes: posterior times how many persons
    normals: Normals


@dataclass(eq=False)
class GroupLikelihood:
    """The marginal log-likelihood of one model, its gradient and information.

    Items come once for all groups and, where groups do not share them, once more for
    each further group, so that curves are computed and summed once for what is shared.
    """

    data: GroupAnswers
    columns: np.ndarray
    _last: tuple[np.ndarray | None, _Step | None] = field(
        default=(None, None), repr=False
    )

    def __post_init__(self) -> None:
        differs = (self.columns != self.columns[0]).any(axis=(0, 2))
        self.own = np.flatnonzero(differs)
        self.sets = np.concatenate([self.columns[0], *self.columns[1:, self.own]])
        k = self.data.n_steps + 1
        self._cells = (self.own[:, None] * k + np.arange(k)).ravel()
        self._own_indicators = self.data.indicators[:, self._cells]

    @property
    def n_item_parameters(self) -> int:
        return int(self.columns.max()) + 1

    @property
    def n_free(self) -> int:
        return self.n_item_parameters + 2 * (self.data.n_groups - 1)

    @cached_property
    def kinds(self) -> np.ndarray:
        """For each free parameter: what it is."""
        kinds = np.full(self.n_item_parameters, Kind.INTERCEPT, object)
        kinds[self.columns[:, :, 0].ravel()] = Kind.SLOPE
        return np.append(kinds, [Kind.MEAN, Kind.LOG_SD] * (self.data.n_groups - 1))

    @property
    def is_slope(self) -> np.ndarray:
        return np.array(self.kinds == Kind.SLOPE, bool)

    def labels(self) -> list[str]:
        """Name every free parameter."""
        names = np.full(self.n_free + 1, "", object)
        for places in self.columns:
            names[places.ravel()] = self.data.names
        for g in range(1, self.data.n_groups):
            names[self.latent_slice(g)] = [f"mean1[{g}]", f"log_sd1[{g}]"]
        return names[:-1].tolist()

    def latent_slice(self, group: int) -> slice:
        """Return where the mean and log spread of a group's theta stand."""
        if group == 0:
            return slice(0, 0)
        first = self.n_item_parameters + 2 * (group - 1)
        return slice(first, first + 2)

    def tables(self, free: np.ndarray) -> np.ndarray:
        """Return slope and intercepts of each group's items, NaN where none."""
        return np.append(free, np.nan)[self.columns]

    @cached_property
    def jacobians(self) -> list[np.ndarray]:
        """Derivatives of each group's full parameters by the free ones."""
        made = []
        for g, places in enumerate(self.columns.reshape(self.data.n_groups, -1)):
            latent = np.arange(self.n_free)[self.latent_slice(g)]
            at = np.append(places, latent)
            whole = np.zeros((len(at), self.n_free))
            whole[np.flatnonzero(at >= 0), at[at >= 0]] = 1.0
            made.append(whole)
        return made

    def __call__(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log-likelihood and its gradient."""
        step = self._expected(free)
        if step is None:
            return -np.inf, np.full(len(free), np.inf)
        pull = np.einsum("jkq,jkmq->jmq", step.counts, step.found.scores)
        by_set = np.tensordot(pull, self.data.steepness, ([1, 2], [1, 2]))
        there = self.sets >= 0
        gradient = np.bincount(self.sets[there], by_set[there], self.n_free)
        pulls = step.normals.slopes @ step.node_counts[:, :, None]
        gradient[self.n_item_parameters :] = pulls[1:].ravel()
        return step.value, gradient

    def _expected(self, free: np.ndarray) -> _Step | None:
        if self._last[0] is not None and np.array_equal(self._last[0], free):
            return self._last[1]
        table = np.append(free, np.nan)[self.sets]
        if (np.diff(table[:, 1:]) >= 0).any():
            return None
        found = curves("graded", self.data.nodes, table[:, :1], table[:, 1:])
        moments = np.append([0.0, 0.0], free[self.n_item_parameters :]).reshape(-1, 2)
        normals = normals_at(self.data.nodes[:, 0], *moments.T)
        joint = self._joint(found, normals.log_weights)
        top = joint.max(axis=1, keepdims=True)
        joint -= top
        weighted = np.exp(joint, out=joint)
        total = weighted.sum(axis=1)
        value = float(self.data.counts @ (np.log(total) + top[:, 0]))
        weighted *= (self.data.counts / total)[:, None]
        node_counts = np.array([weighted[rows].sum(axis=0) for rows in self.data.rows])
        counts = self._counts(weighted, found.probabilities.shape)
        step = _Step(value, found, counts, node_counts, weighted, normals)
        self._last = (free.copy(), step)
        return step

    def _joint(self, found: Curves, log_weights: np.ndarray) -> np.ndarray:
        """Log of likelihood and prior of each pattern at each node."""
        n_items, n_own = self.data.n_items, len(self.own)
        log_p = at_nodes(found)
        k = self.data.n_steps + 1
        joint = self.data.indicators @ log_p[: n_items * k]
        shared = log_p[self._cells]
        for g, rows in enumerate(self.data.rows):
            if g and n_own:
                first = (n_items + (g - 1) * n_own) * k
                change = log_p[first : first + n_own * k] - shared
                joint[rows] += self._own_indicators[rows] @ change
            joint[rows] += log_weights[g]
        return joint

    def _counts(self, weighted: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        counts = np.empty(shape)
        n_items, n_own = self.data.n_items, len(self.own)
        whole = self.data.indicators.T @ weighted
        counts[:n_items] = whole.reshape(n_items, *shape[1:])
        for g in range(1, self.data.n_groups * bool(n_own)):
            rows, first = self.data.rows[g], n_items + (g - 1) * n_own
            part = self._own_indicators[rows].T @ weighted[rows]
            counts[first : first + n_own] = part.reshape(n_own, *shape[1:])
            counts[self.own] -= counts[first : first + n_own]
        return counts

    def expectations(self, free: np.ndarray) -> list[Expectation]:
        """Return the E-step of each group by itself."""
        step = self._expected(free)
        if step is None:
            raise ValueError("thresholds cross; there is no E-step here")
        made = []
        for g, (rows, part) in enumerate(zip(self.data.rows, self.data.parts)):
            place = np.arange(self.data.n_items)
            if g:
                n_own = len(self.own)
                place[self.own] = len(place) + (g - 1) * n_own + np.arange(n_own)
            found = step.found
            own = Curves(
                found.probabilities[place],
                found.log_probabilities[place],
                found.scores[place],
                None if found.bends is None else found.bends[place],
            )
            counts = part.indicators.T @ step.weighted[rows]
            posterior = step.weighted[rows] / part.counts[:, None]
            counts = counts.reshape(own.probabilities.shape)
            nodes = step.node_counts[g]
            made.append(Expectation(np.empty(0), posterior, counts, nodes, own))
        return made

    def complete(self, free: np.ndarray) -> np.ndarray:
        """Return the information if theta were known."""
        return self._collect(self._informations(free, lambda *_: 0.0))

    def observed(self, free: np.ndarray) -> np.ndarray:
        """Return the observed information (Louis, 1982)."""
        return self._collect(self._informations(free, missing_information))

    def local(self, free: np.ndarray) -> list[Local]:
        """Return each group's gradient and information by its full parameters."""
        wholes = self._informations(free, missing_information)
        tables = np.nan_to_num(self.tables(free))
        made = []
        for g, (e, whole) in enumerate(zip(self.expectations(free), wholes)):
            values = free[self.latent_slice(g)]
            latent = self.data.latents[g].slopes(values) @ e.node_counts
            gradient = np.append(item_gradient(e, self.data.steepness), latent)
            made.append(Local(np.append(tables[g], values), gradient, whole))
        return made

    def _informations(self, free: np.ndarray, lost: Callable) -> list[np.ndarray]:
        wholes = []
        for g, e in enumerate(self.expectations(free)):
            latent, values = self.data.latents[g], free[self.latent_slice(g)]
            slopes = latent.slopes(values)
            bend = latent_bend(latent, values, e.node_counts)
            part = self.data.parts[g]
            wholes.append(
                group_information(e, self.data.steepness, slopes, bend, part, lost)
            )
        return wholes

    def _collect(self, wholes: Sequence[np.ndarray]) -> np.ndarray:
        total = np.zeros((self.n_free, self.n_free))
        for jacobian, whole in zip(self.jacobians, wholes):
            total += jacobian.T @ whole @ jacobian
        return total

    def predicted(self, near: Sequence[Local]) -> tuple[np.ndarray, np.ndarray]:
        """Return where this model's maximum should lie, and the information there.

        That is the maximum of the quadratic that touches the likelihood of a
        neighbouring model, whose every parameter may move in its own group.
        """
        information = self._collect([one.information for one in near])
        pull = sum(
            jacobian.T @ (one.gradient + one.information @ one.parameters)
            for jacobian, one in zip(self.jacobians, near)
        )
        return inverted(information) @ pull, information

    def averaged(self, near: Sequence[Local]) -> np.ndarray:
        """Return the neighbouring model's parameters, averaged where these are one."""
        pairs = [*zip(self.jacobians, near)]
        total = sum(jacobian.T @ one.parameters for jacobian, one in pairs)
        return total / sum(jacobian.sum(axis=0) for jacobian, _ in pairs)


@dataclass(frozen=True, eq=False)
class Local:
    """A group's full parameters at a maximum, the gradient and the information."""

    parameters: np.ndarray
    gradient: np.ndarray
    information: np.ndarray
