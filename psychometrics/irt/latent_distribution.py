"""Latent distributions on fixed nodes: normal, empirical histogram, zero-inflated.

Each gives the logarithm of its weights and their derivatives by its free parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from ..errors import ConvergenceError
from .parameter_kinds import Kind

SHAPES = ("normal", "histogram", "zero_inflated")
ONE_DIMENSION = 1e-10  # smallest eigenvalue of correlations of different dimensions


def grid(n_nodes: int, n_dimensions: int = 1, limit: float = 6.0) -> np.ndarray:
    """Return equally spaced nodes on [-limit, limit]: shape (n_nodes ** D, D)."""
    line = np.linspace(-limit, limit, n_nodes)
    mesh = np.meshgrid(*[line] * n_dimensions, indexing="ij")
    return np.stack([axis.ravel() for axis in mesh], axis=1)


@dataclass(frozen=True, eq=False)
class Normal:
    """A normal distribution whose mean, spread or correlations may be free.

    Free parameters, in this order: means, logarithms of standard deviations, inverse
    hyperbolic tangents of correlations (lower triangle by rows).
    """

    nodes: np.ndarray
    is_mean_free: bool = False
    is_sd_free: bool = False
    is_correlation_free: bool = False
    has_floor = False

    @property
    def n_dimensions(self) -> int:
        return self.nodes.shape[1]

    @property
    def names(self) -> list[str]:
        """Names of the free parameters."""
        d = self.n_dimensions
        pairs = [f"{i + 1}.{j + 1}" for i in range(d) for j in range(i)]
        return (
            [f"{Kind.MEAN}{k + 1}" for k in range(d)] * self.is_mean_free
            + [f"{Kind.LOG_SD}{k + 1}" for k in range(d)] * self.is_sd_free
            + [f"{Kind.ATANH_R}{pair}" for pair in pairs] * self.is_correlation_free
        )

    @property
    def kinds(self) -> np.ndarray:
        """What each free parameter is."""
        d = self.n_dimensions
        return np.array(
            [Kind.MEAN] * (d * self.is_mean_free)
            + [Kind.LOG_SD] * (d * self.is_sd_free)
            + [Kind.ATANH_R] * (d * (d - 1) // 2 * self.is_correlation_free),
            str,
        )

    @property
    def start(self) -> np.ndarray:
        """Where a search begins."""
        return np.zeros(len(self.names))

    def moments(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (D,) and covariance (D, D) of the untruncated normal."""
        mean, sd, corr = self._unpack(parameters)
        return mean, corr * np.outer(sd, sd)

    def _unpack(
        self, parameters: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        d, values = self.n_dimensions, list(parameters)
        mean = np.array(
            [values.pop(0) for _ in range(d)] if self.is_mean_free else [0.0] * d
        )
        log_sd = [values.pop(0) for _ in range(d)] if self.is_sd_free else [0.0] * d
        corr = np.eye(d)
        if self.is_correlation_free:
            rows, columns = np.tril_indices(d, -1)
            corr[rows, columns] = corr[columns, rows] = np.tanh(values)
        return mean, np.exp(log_sd), corr

    def log_weights(self, parameters: np.ndarray) -> np.ndarray | None:
        """Return the log of the normal density at the nodes, summing to one there.

        None where dimensions correlate so that they are one, which has no density.
        """
        mean, covariance = self.moments(parameters)
        if self.is_correlation_free:
            corr = self._unpack(parameters)[2]
            if not np.linalg.eigvalsh(corr)[0] > ONE_DIMENSION:
                return None
        off = self.nodes - mean
        exponent = -0.5 * np.einsum("qd,de,qe->q", off, np.linalg.inv(covariance), off)
        exponent -= exponent.max()
        return exponent - np.log(np.exp(exponent).sum())

    def slopes(self, parameters: np.ndarray) -> np.ndarray:
        """Return derivatives of the log weights, shape (n_free, Q)."""
        log_weights = self.log_weights(parameters)
        if log_weights is None:
            raise ConvergenceError(
                "the search ran to where two dimensions correlate by 1: their items "
                "hold one; join the dimensions, or leave out an item that says the "
                "same as another"
            )
        mean, sd, corr = self._unpack(parameters)
        pull = (self.nodes - mean) @ np.linalg.inv(corr * np.outer(sd, sd))
        rows = [pull[:, k] for k in range(self.n_dimensions)] * self.is_mean_free
        rows += [_bend(pull, change) for change in self._changes(sd, corr)]
        raw = np.array(rows).reshape(len(rows), len(self.nodes))
        return raw - raw @ np.exp(log_weights)[:, None]

    def _changes(self, sd: np.ndarray, corr: np.ndarray) -> Iterator[np.ndarray]:
        """Derivative of the covariance by each spread and correlation."""
        d = self.n_dimensions
        covariance = corr * np.outer(sd, sd)
        for k in range(d * self.is_sd_free):
            touched = np.zeros((d, d))
            touched[k], touched[:, k] = covariance[k], covariance[:, k]
            touched[k, k] *= 2
            yield touched
        for i, j in zip(*np.tril_indices(d * self.is_correlation_free, -1)):
            touched = np.zeros((d, d))
            touched[i, j] = touched[j, i] = sd[i] * sd[j] * (1 - corr[i, j] ** 2)
            yield touched


def _bend(pull: np.ndarray, change: np.ndarray) -> np.ndarray:
    return 0.5 * np.einsum("qd,de,qe->q", pull, change, pull)


@dataclass(frozen=True, eq=False)
class Normals:
    """One-dimensional normals of several groups on shared nodes.

    Attributes
    ----------
    log_weights : array, shape (G, Q)
    slopes : array, shape (G, 2, Q)
        Derivatives of the log weights by mean and log standard deviation.
    """

    log_weights: np.ndarray
    slopes: np.ndarray


def normals_at(nodes: np.ndarray, mean: np.ndarray, log_sd: np.ndarray) -> Normals:
    """Return what `Normal` gives, for all groups at once: (Q,), (G,), (G,)."""
    sd = np.exp(log_sd)[:, None]
    z = (nodes - mean[:, None]) / sd
    exponent = -0.5 * z**2
    exponent -= exponent.max(axis=1, keepdims=True)
    weights = np.exp(exponent)
    total = weights.sum(axis=1, keepdims=True)
    raw = np.stack([z / sd, z**2], axis=1)
    slopes = raw - raw @ (weights / total)[:, :, None]
    return Normals(exponent - np.log(total), slopes)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Free weights at the nodes (Bock and Aitkin, 1981), as log ratios to the middle.

    Some item's parameters must be fixed meanwhile, or the scale has no place.
    """

    nodes: np.ndarray
    has_floor = False

    @property
    def _middle(self) -> int:
        return len(self.nodes) // 2

    @property
    def names(self) -> list[str]:
        """Names of the free parameters."""
        kept = (k for k in range(len(self.nodes)) if k != self._middle)
        return [f"{Kind.LOG_WEIGHT}{k + 1}" for k in kept]

    @property
    def kinds(self) -> np.ndarray:
        """What each free parameter is."""
        return np.array([Kind.LOG_WEIGHT] * (len(self.nodes) - 1))

    @property
    def start(self) -> np.ndarray:
        """Where a search begins."""
        # a normal with thick tails: a weight near zero would never leave it
        log_density = np.log(np.exp(-0.5 * self.nodes[:, 0] ** 2) + 1e-3)
        return np.delete(log_density - log_density[self._middle], self._middle)

    def log_weights(self, parameters: np.ndarray) -> np.ndarray:
        whole = np.insert(parameters, self._middle, 0.0)
        return whole - logsumexp(whole)

    def slopes(self, parameters: np.ndarray) -> np.ndarray:
        weights = np.exp(self.log_weights(parameters))
        whole = np.eye(len(weights)) - weights[:, None]
        return np.delete(whole, self._middle, axis=0)


@dataclass(frozen=True, eq=False)
class ZeroInflated:
    """A normal and a share of persons to whom the scale does not apply.

    They give the lowest answer to every item (Wall, Park and Moustaki, 2015). The share
    is the last node; its logit is the last parameter, after the normal's own.
    """

    normal: Normal
    has_floor = True

    @property
    def nodes(self) -> np.ndarray:
        return self.normal.nodes

    @property
    def names(self) -> list[str]:
        """Names of the free parameters."""
        return [*self.normal.names, Kind.LOGIT_FLOOR]

    @property
    def kinds(self) -> np.ndarray:
        """What each free parameter is."""
        return np.append(self.normal.kinds, Kind.LOGIT_FLOOR)

    @property
    def start(self) -> np.ndarray:
        """Where a search begins."""
        return np.append(self.normal.start, -2.0)

    def share(self, parameters: np.ndarray) -> float:
        """Return the share of persons at the floor."""
        return float(expit(parameters[-1]))

    def log_weights(self, parameters: np.ndarray) -> np.ndarray:
        share = self.share(parameters)
        inside = self.normal.log_weights(parameters[:-1])
        if inside is None:
            return None
        inside = inside + np.log1p(-share)
        return np.append(inside, np.log(share))

    def slopes(self, parameters: np.ndarray) -> np.ndarray:
        share = self.share(parameters)
        inside = np.pad(self.normal.slopes(parameters[:-1]), ((0, 0), (0, 1)))
        floor = np.append(np.full(len(self.nodes), -share), 1 - share)
        return np.vstack([inside, floor])


@dataclass(frozen=True, eq=False, kw_only=True)
class LatentDistribution:
    """The distribution of theta that was assumed or estimated.

    Attributes
    ----------
    shape : {"normal", "histogram", "zero_inflated"}
    nodes, weights : array, shape (Q, D) and (Q,)
        Quadrature; the weights sum to one over those the scale applies to.
    mean, covariance : array, shape (D,) and (D, D)
    slopes : array, shape (n_free, Q)
        Derivatives of the log weights by the free parameters.
    floor : float
        Share of persons to whom the scale does not apply (zero-inflated), else 0.
    """

    shape: str
    nodes: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    slopes: np.ndarray
    floor: float = 0.0

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of each dimension."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def mass(self) -> np.ndarray:
        """Weights of the nodes within the whole population, floor left out."""
        return self.weights * (1 - self.floor)
