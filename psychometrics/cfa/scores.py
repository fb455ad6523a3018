"""Factor scores of a fitted model, by regression (Thurstone, 1935)."""

import numpy as np
import pandas as pd

from .confirm import ORDINAL


def factor_scores(fitted, responses, *, group=None):
    """Return each person's expected factor values, given the numbers answered.

    Parameters
    ----------
    fitted : ConfirmedModel
        By a likelihood estimator or "uls"; ordinal items are scored by an item
        response model instead.
    responses : DataFrame, persons x items
        Whom to score; missing answers are left out person by person. Without a mean
        structure items are centred at these persons' means.
    group : label, optional
        Whose parameters to use; the first unless said.

    Returns
    -------
    DataFrame, persons x factors
        On the model's own metric, NaN for who answered nothing.
    """
    if fitted.estimator in ORDINAL:
        raise ValueError(
            "ordinal items: score them with graded_response(...).persons()"
        )
    implied = fitted.implied[0 if group is None else fitted.groups.index(group)]
    values = responses[list(fitted.items)].to_numpy(float)
    has_means = fitted.table.settings.meanstructure
    centre = implied.mu if has_means else np.nanmean(values, axis=0)
    p = implied.p
    scores = np.full((len(values), len(fitted.latents)), np.nan)
    answered = ~np.isnan(values)
    for seen in np.unique(answered[answered.any(axis=1)], axis=0):
        rows = (answered == seen).all(axis=1)
        sigma = implied.sigma[np.ix_(seen, seen)]
        weights = np.linalg.solve(sigma, implied.full[:p, p:][seen])
        scores[rows] = (values[np.ix_(rows, seen)] - centre[seen]) @ weights
    scores = scores + implied.mean[p:]
    return pd.DataFrame(scores, index=responses.index, columns=fitted.latents)
