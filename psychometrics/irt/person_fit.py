"""How well each person's answers agree with the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .models import Curves, curves

if TYPE_CHECKING:
    from .parameters import ItemParameters
    from .patterns import Patterns


def person_fit(
    parameters: ItemParameters, patterns: Patterns, theta: pd.Series
) -> pd.DataFrame:
    """Return lz, infit and outfit of every person.

    Parameters
    ----------
    parameters : ItemParameters
        One dimension.
    patterns : Patterns
    theta : Series
        An estimate for each person; where it is not finite so is no statistic.

    Returns
    -------
    DataFrame with a row for each person
        `lz`, the standardised log-likelihood (Drasgow, Levine and Williams, 1985):
        far below zero (say -2) where answers are unlikely; with estimated theta its
        spread is somewhat below one. `infit` and `outfit`: mean squares (Wright and
        Masters, 1982), near one.
    """
    values = theta.to_numpy(float)
    finite = np.isfinite(values)
    codes = patterns.codes[patterns.rows[finite]]
    found = curves(parameters.model, values[finite], *parameters.arrays)
    seen = (codes >= 0).T
    z2, variance = squared_residuals(found.probabilities, codes)
    n_seen = seen.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        outfit = (z2 * seen).sum(axis=0) / n_seen
        infit = (z2 * variance * seen).sum(axis=0) / (variance * seen).sum(axis=0)
        lz = _standardised_likelihood(found, codes, seen)
    columns = {"lz": lz, "infit": infit, "outfit": outfit}
    frame = pd.DataFrame(columns, patterns.persons[finite])
    return frame.reindex(patterns.persons) if not finite.all() else frame


def squared_residuals(
    probabilities: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return squared standardised residuals and variances of answers, (J, n)."""
    levels = np.arange(probabilities.shape[1])
    mean = np.einsum("jkn,k->jn", probabilities, levels)
    variance = np.einsum("jkn,k->jn", probabilities, levels**2) - mean**2
    return (codes.T - mean) ** 2 / variance, variance


def _standardised_likelihood(
    found: Curves, codes: np.ndarray, seen: np.ndarray
) -> np.ndarray:
    p, log_p = found.probabilities, found.log_probabilities
    chosen = np.take_along_axis(log_p, np.maximum(codes, 0).T[:, None], 1)[:, 0]
    mean = (p * log_p).sum(axis=1)
    spread = (p * log_p**2).sum(axis=1) - mean**2
    gap = ((chosen - mean) * seen).sum(axis=0)
    return gap / np.sqrt((spread * seen).sum(axis=0))
