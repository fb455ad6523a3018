"""The gradient-projection kernel under every rotation (Bernaards & Jennrich, 2005).

Many starting positions move together: `turns` has shape (n_starts, m, m). Gradient
steps bring each near a minimum; Newton steps on the same surface then settle the best,
where gradient steps alone would need thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

from ..errors import ConvergenceError


@dataclass(frozen=True)
class Surface:
    """A criterion over rotations of one matrix of unrotated loadings."""

    unrotated: np.ndarray
    # loadings -> value, gradient
    criterion: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    is_oblique: bool

    def at(self, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return value and gradient with regard to the turns (eq. 10 and 26)."""
        if not self.is_oblique:
            value, slope = self.criterion(self.unrotated @ turns)
            return value, self.unrotated.T @ slope
        inverse = np.linalg.inv(turns)
        loadings = self.unrotated @ inverse.swapaxes(-1, -2)
        value, slope = self.criterion(loadings)
        product = loadings.swapaxes(-1, -2) @ slope @ inverse
        return value, -product.swapaxes(-1, -2)

    def value(self, turns: np.ndarray) -> np.ndarray:
        """Return the criterion alone."""
        if self.is_oblique:
            turns = np.linalg.inv(turns).swapaxes(-1, -2)
        return self.criterion(self.unrotated @ turns)[0]

    def project(self, turns: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the part of the gradient that keeps to the surface."""
        if self.is_oblique:
            along = (turns * gradient).sum(axis=-2, keepdims=True)
            return gradient - turns * along
        inner = turns.swapaxes(-1, -2) @ gradient
        return gradient - turns @ (inner + inner.swapaxes(-1, -2)) / 2

    def retract(self, moved: np.ndarray) -> np.ndarray:
        """Return the nearest turns that are rotations of the wanted kind."""
        if self.is_oblique:
            return moved / np.linalg.norm(moved, axis=-2, keepdims=True)
        left, _, right = np.linalg.svd(moved, full_matrices=False)
        return left @ right

    def loadings(self, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return rotated loadings and factor correlations for one turn."""
        if self.is_oblique:
            return self.unrotated @ np.linalg.inv(turn).T, turn.T @ turn
        return self.unrotated @ turn, np.eye(len(turn))


def descend(
    surface: Surface, turns: np.ndarray, *, tol: float = 1e-3, max_iter: int = 500
) -> tuple[np.ndarray, np.ndarray]:
    """Move every start down until its projected gradient is below `tol`."""
    turns = turns.copy()
    value, gradient = surface.at(turns)
    projected = surface.project(turns, gradient)
    length = np.ones(len(turns))
    for _ in range(max_iter):
        slope = np.sqrt((projected**2).sum(axis=(1, 2)))
        live = np.flatnonzero(slope > tol)
        if not live.size:
            break
        moved = _line_search(surface, turns, value, projected, length, live, slope)
        turns[live], value[live], length[live] = moved
        value[live], gradient = surface.at(turns[live])
        projected[live] = surface.project(turns[live], gradient)
    return turns, value


def _line_search(
    surface: Surface,
    turns: np.ndarray,
    value: np.ndarray,
    projected: np.ndarray,
    length: np.ndarray,
    live: np.ndarray,
    slope: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Double each length, then halve it until the value falls enough."""
    here, start, direction = value[live], turns[live], projected[live]
    step = 2 * length[live]
    best, found = start.copy(), here.copy()
    open_ = np.arange(len(live))
    for _ in range(12):
        moved = start[open_] - step[open_, None, None] * direction[open_]
        trial = surface.retract(moved)
        there = surface.value(trial)
        enough = here[open_] - there > 0.5 * slope[live][open_] ** 2 * step[open_]
        better = enough | (there < found[open_])
        best[open_[better]], found[open_[better]] = trial[better], there[better]
        open_ = open_[~enough]
        if not open_.size:
            break
        step[open_] /= 2
    return best, found, step


def settle(
    surface: Surface, turn: np.ndarray, *, tol: float = 1e-9, max_iter: int = 100
) -> tuple[np.ndarray, float]:
    """Bring one turn to a stationary point by Newton steps on the surface.

    Raises
    ------
    ConvergenceError
        When no step lowers the criterion while the gradient is still above 1e-6.
    """
    value, gradient = surface.at(turn)
    for _ in range(max_iter):
        projected = surface.project(turn, gradient)
        if abs(projected).max() < tol:
            break
        for direction in (_newton(surface, turn, projected), -projected):
            moved = _shorten(surface, turn, float(value), direction)
            if moved is not None:
                break
        if moved is None:
            break
        turn = moved
        value, gradient = surface.at(turn)
    if abs(surface.project(turn, gradient)).max() > 1e-6:
        raise ConvergenceError("the rotation has not settled", turn)
    return turn, float(value)


def _shorten(
    surface: Surface, turn: np.ndarray, value: float, direction: np.ndarray
) -> np.ndarray | None:
    for half in 0.5 ** np.arange(30):
        trial = surface.retract(turn + half * direction)
        if surface.value(trial) < value:
            return trial
    return None


def _newton(
    surface: Surface, turn: np.ndarray, projected: np.ndarray, width: float = 1e-5
) -> np.ndarray:
    """Newton's direction; curvature is differenced along a basis of the surface."""
    basis = _tangents(surface, turn)
    ahead, behind = (
        surface.retract(turn + sign * width * basis) for sign in (1.0, -1.0)
    )
    both = np.concatenate([ahead, behind])
    slopes = surface.project(both, surface.at(both)[1])
    change = (slopes[: len(basis)] - slopes[len(basis) :]) / (2 * width)
    curvature = np.einsum("aij,bij->ab", basis, change)
    values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
    values = np.maximum(abs(values), 1e-8 * max(abs(values).max(), 1e-12))
    slope = np.einsum("aij,ij->a", basis, projected)
    step = -vectors @ ((vectors.T @ slope) / values)
    step *= min(1.0, 0.5 / max(float(np.linalg.norm(step)), 1e-300))
    return np.einsum("a,aij->ij", step, basis)


def _tangents(surface: Surface, turn: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the directions that keep to the surface."""
    m = len(turn)
    basis = []
    if not surface.is_oblique:
        for i, j in np.column_stack(np.triu_indices(m, 1)):
            spin = np.zeros((m, m))
            spin[i, j], spin[j, i] = 0.5**0.5, -(0.5**0.5)
            basis.append(turn @ spin)
        return np.array(basis)
    for k in range(m):
        complement = np.linalg.svd(turn[:, [k]])[0][:, 1:]
        for direction in complement.T:
            column = np.zeros((m, m))
            column[:, k] = direction
            basis.append(column)
    return np.array(basis)
