"""Which parameters are free: linear maps from them to slopes and intercepts.

Every restriction in this package is linear: a rating scale shares its steps, anchored
items share columns between groups, a fixed item has constants and no column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .latent_distribution import Histogram, Normal, ZeroInflated
from .parameter_kinds import Kind

if TYPE_CHECKING:
    import pandas as pd

    from .models import Model


@dataclass(frozen=True, eq=False)
class Block:
    """Items of one group: full parameters (J * P) = matrix @ free + offset.

    `owners` holds for each free parameter its item's position, or -1 where items share
    it; `kinds` says what it is and `names` what it is called ("a1", "d2", "step3").
    NaN in `offset` marks a step that an item does not have. An item's full parameters
    are its slopes, then its intercepts.
    """

    matrix: np.ndarray
    offset: np.ndarray
    start: np.ndarray
    owners: np.ndarray
    kinds: np.ndarray
    names: tuple[str, ...]
    n_slopes: int
    n_steps: int

    @property
    def n_items(self) -> int:
        return len(self.offset) // (self.n_slopes + self.n_steps)

    @property
    def is_slope(self) -> np.ndarray:
        """For each free parameter: whether it is a slope."""
        return self.kinds == Kind.SLOPE

    def only(self, kept: np.ndarray) -> Block:
        """Return the block with the free parameters at `kept` alone."""
        return replace(
            self,
            matrix=self.matrix[:, kept],
            start=self.start[kept],
            owners=self.owners[kept],
            kinds=self.kinds[kept],
            names=tuple(np.array(self.names, object)[kept]),
        )


@dataclass(frozen=True, eq=False)
class Design:
    """One model for one or more groups.

    Attributes
    ----------
    nodes : array, shape (Q, D)
    blocks : tuple of Block
        One for each group, with the same columns.
    latents : tuple
        The latent distribution of each group; its parameters follow the items'.
    """

    model: Model
    nodes: np.ndarray
    blocks: tuple[Block, ...]
    latents: tuple[Normal | Histogram | ZeroInflated, ...]

    @property
    def start(self) -> np.ndarray:
        """Where a search begins: item parameters, then the latent ones."""
        latent = [latent.start for latent in self.latents]
        return np.concatenate([self.blocks[0].start, *latent])

    @property
    def kinds(self) -> np.ndarray:
        """For each free parameter: what it is."""
        latent = [latent.kinds for latent in self.latents]
        return np.concatenate([self.blocks[0].kinds, *latent])

    @property
    def is_slope(self) -> np.ndarray:
        """For each free parameter: whether it is a slope."""
        return self.kinds == Kind.SLOPE

    @property
    def n_steps(self) -> int:
        """Steps of one item (M)."""
        return self.blocks[0].n_steps

    @property
    def n_latent(self) -> int:
        """Number of free latent parameters over all groups."""
        return sum(len(latent.names) for latent in self.latents)

    def labels(self, items: pd.Index) -> list[str]:
        """Name every free parameter, given the items' names."""
        block = self.blocks[0]
        labels = [
            name if owner < 0 else f"{items[owner]}.{name}"
            for owner, name in zip(block.owners, block.names)
        ]
        for g, latent in enumerate(self.latents):
            suffix = f"[{g}]" if len(self.latents) > 1 else ""
            labels += [f"{name}{suffix}" for name in latent.names]
        return labels

    def latent_slice(self, group: int) -> slice:
        sizes = [len(latent.names) for latent in self.latents]
        first = len(self.blocks[0].names) + sum(sizes[:group])
        return slice(first, first + sizes[group])

    def unpack(
        self, free: np.ndarray, group: int = 0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return slopes (J, S), intercepts (J, M) and latent parameters of a group."""
        block = self.blocks[group]
        full = block.matrix @ free[: block.matrix.shape[1]] + block.offset
        table = full.reshape(block.n_items, -1)
        latent = free[self.latent_slice(group)]
        return table[:, : block.n_slopes], table[:, block.n_slopes :], latent

    def jacobian(self, group: int) -> np.ndarray:
        """Return derivatives of the group's full parameters by the free ones."""
        matrix, part = self.blocks[group].matrix, self.latent_slice(group)
        n_full, n_latent = len(matrix), part.stop - part.start
        whole = np.zeros((n_full + n_latent, len(self.start)))
        whole[:n_full, : matrix.shape[1]] = matrix
        whole[n_full:, part] = np.eye(n_latent)
        return whole


def free_items(
    slopes: np.ndarray,
    intercepts: np.ndarray,
    *,
    slope_is_free: np.ndarray | bool = True,
) -> Block:
    """Let every item have its own slopes and intercepts.

    Parameters
    ----------
    slopes : array, shape (J, S)
        Starting values; where they are not free, the values that they keep.
    intercepts : array, shape (J, M)
        Starting values, NaN for absent steps.
    slope_is_free : bool or bool array, shape (J, S)
    """
    is_free = np.concatenate(
        [np.broadcast_to(slope_is_free, slopes.shape), ~np.isnan(intercepts)], axis=1
    )
    values = np.concatenate([slopes, intercepts], axis=1)
    n_slopes, n_steps = slopes.shape[1], intercepts.shape[1]
    names = [f"a{s + 1}" for s in range(n_slopes)]
    names += [f"d{m + 1}" for m in range(n_steps)]
    kinds = np.array([Kind.SLOPE] * n_slopes + [Kind.INTERCEPT] * n_steps)
    owners, which = np.nonzero(is_free)
    matrix = np.zeros((values.size, len(owners)))
    matrix[np.flatnonzero(is_free), np.arange(len(owners))] = 1.0
    return Block(
        matrix,
        np.where(is_free, 0.0, values).ravel(),
        values[is_free],
        owners,
        kinds[which],
        tuple(names[k] for k in which),
        n_slopes,
        n_steps,
    )


def rating_items(locations: np.ndarray, steps: np.ndarray) -> Block:
    """Let items share their steps and differ in location (Andrich, 1978).

    Step m of item j is at locations_j + steps_m with steps_1 held at zero, so that
    intercept d_jm = -(m * locations_j + steps_1 + ... + steps_m); all slopes are one.
    """
    n_items, n_steps = len(locations), len(steps)
    matrix = np.zeros((n_items, 1 + n_steps, n_items + n_steps - 1))
    m = np.arange(1, n_steps + 1)
    for j in range(n_items):
        matrix[j, 1:, j] = -m
    for s in range(1, n_steps):
        matrix[:, 1 + s :, n_items + s - 1] = -1.0
    offset = np.zeros((n_items, 1 + n_steps))
    offset[:, 0] = 1.0
    return Block(
        matrix.reshape(-1, matrix.shape[2]),
        offset.ravel(),
        np.concatenate([locations + steps[0], (steps - steps[0])[1:]]),
        np.append(np.arange(n_items), np.full(n_steps - 1, -1)),
        np.array([Kind.LOCATION] * n_items + [Kind.STEP] * (n_steps - 1)),
        ("location",) * n_items + tuple(f"step{s + 1}" for s in range(1, n_steps)),
        1,
        n_steps,
    )


def hold(block: Block, is_held: np.ndarray, full: np.ndarray) -> Block:
    """Keep the items of `is_held` at their values in `full` (J, P)."""
    width = block.n_slopes + block.n_steps
    kept = ~np.isin(block.owners, np.flatnonzero(is_held))
    rows = np.repeat(is_held, width)
    offset = np.where(rows, full.ravel(), block.offset)
    matrix = np.where(rows[:, None], 0.0, block.matrix)
    return replace(block, matrix=matrix, offset=offset).only(kept)


def freeze(block: Block, columns: Sequence[int] | np.ndarray) -> Block:
    """Keep some free parameters at their starting values."""
    kept = np.setdiff1d(np.arange(len(block.names)), columns)
    constant = block.matrix[:, columns] @ block.start[columns]
    return replace(block, offset=block.offset + constant).only(kept)


def share_slope(block: Block, items: np.ndarray) -> Block:
    """Let the items of `items` (bool, shape (J,)) have one free slope between them."""
    columns = np.flatnonzero(block.is_slope & items[block.owners])
    first, others = columns[0], columns[1:]
    matrix, start, owners = (
        part.copy() for part in (block.matrix, block.start, block.owners)
    )
    matrix[:, first] = matrix[:, columns].sum(axis=1)
    start[first], owners[first] = start[columns].mean(), -1
    names = tuple(
        "a of partial credit" if k == first else name
        for k, name in enumerate(block.names)
    )
    kept = np.setdiff1d(np.arange(len(names)), others)
    shared = replace(block, matrix=matrix, start=start, owners=owners, names=names)
    return shared.only(kept)


def spread(block: Block, is_anchor: np.ndarray, n_groups: int) -> tuple[Block, ...]:
    """Return a block for each group: anchors share parameters, others do not."""
    is_shared = (block.owners < 0) | is_anchor[block.owners]
    own = np.flatnonzero(~is_shared)
    n_first = len(block.names)
    total = n_first + (n_groups - 1) * len(own)
    start, owners, names = [block.start], [block.owners], [*block.names]
    kinds = [block.kinds]
    for g in range(1, n_groups):
        start.append(block.start[own])
        owners.append(block.owners[own])
        kinds.append(block.kinds[own])
        names += [f"{block.names[k]}[{g}]" for k in own]
    blocks = []
    for g in range(n_groups):
        columns = np.arange(n_first)
        if g:
            columns[own] = n_first + (g - 1) * len(own) + np.arange(len(own))
        matrix = np.zeros((len(block.matrix), total))
        matrix[:, columns] = block.matrix
        blocks.append(
            replace(
                block,
                matrix=matrix,
                start=np.concatenate(start),
                owners=np.concatenate(owners),
                kinds=np.concatenate(kinds),
                names=tuple(names),
            )
        )
    return tuple(blocks)
