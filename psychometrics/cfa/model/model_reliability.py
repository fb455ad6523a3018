"""Reliability of composites from a fitted model's own parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Label

if TYPE_CHECKING:
    from ..result import ConfirmedModel
    from .model_matrices import Implied
    from .parameter_table import ParameterTable


def model_reliability(
    fitted: ConfirmedModel, group: Label | None = None
) -> pd.DataFrame:
    """Return composite reliability of each factor's items and of all together.

    Parameters
    ----------
    fitted : ConfirmedModel
    group : label, optional

    Returns
    -------
    DataFrame
        One row a factor: n_items, omega (McDonald, 1999: variance of the sum of the
        items that its factor explains, over the model's variance of that sum), alpha
        (from the implied covariances) and ave (Fornell & Larcker, 1981: mean share of
        an item's variance that the factor explains). For ordinal items they are those
        of the latent responses, not of the observed codes.
    """
    place = fitted.place_of(group)
    implied = fitted.implied[place]
    p = len(fitted.items)
    sigma = _latent_response(implied, fitted.table)
    rows = []
    for f, name in enumerate(fitted.latents, start=p):
        own = np.flatnonzero(implied.A[:p, f])
        if len(own) < 2:
            continue
        loading = implied.A[own, f]
        explained = implied.full[f, f]
        cov = sigma[np.ix_(own, own)]
        keyed = np.sign(loading)
        total = keyed @ cov @ keyed
        k = len(own)
        rows.append(
            {
                "factor": name,
                "n_items": k,
                "omega": explained * abs(loading).sum() ** 2 / total,
                "alpha": k / (k - 1) * (1 - np.trace(cov) / total),
                "ave": np.mean(explained * loading**2 / np.diag(cov)),
            }
        )
    return pd.DataFrame(rows).set_index("factor")


def _latent_response(implied: Implied, table: ParameterTable) -> np.ndarray:
    """Implied covariances of the items, with derived residual variances in place."""
    p = implied.p
    sigma = implied.sigma.copy()
    if table.settings.ordinal and not table.settings.theta:
        sigma[np.diag_indices(p)] = implied.delta**-2.0
    return sigma


def latent_covariances(implied: Implied, table: ParameterTable) -> np.ndarray:
    """Return the items' implied covariances on the metric of the latent responses."""
    return _latent_response(implied, table)
