"""Where the search starts: loadings from each factor's own items."""

import numpy as np


def starting_values(table, structures, covariances, means, thresholds=None):
    """Return theta to start from.

    Parameters
    ----------
    covariances, means : lists of arrays, one a group
        Of the items; correlations and zeros where these are ordinal.
    thresholds : list of arrays, optional
        One a group, in the order of `Structure.tau`.
    """
    theta = np.zeros(table.n_free)
    for g in reversed(range(len(structures))):
        s = structures[g]
        loading = _loadings(s, covariances[g])
        e = s.entries
        for i in range(len(e)):
            theta[s.free[i]] = _value(e, i, s, loading, covariances[g], means[g])
        seen = s.delta_free >= 0
        theta[s.delta_free[seen]] = 1.0
        if thresholds is not None:
            seen = s.tau_free >= 0
            theta[s.tau_free[seen]] = thresholds[g][seen]
    stated = table.frame[(table.frame["free"] > 0) & table.frame["start"].notna()]
    theta[stated["free"].to_numpy() - 1] = stated["start"]
    return theta


def _value(e, i, s, loading, cov, mean):
    kind, k, m = e.kind[i], e.k[i], e.l[i]
    if kind == "A":
        return loading[0].get((k, m), 0.0 if k < s.p else 0.5)
    if kind == "b":
        return mean[k] if k < s.p else 0.0
    if k != m:
        return 0.0
    if k < s.p:
        return 1.0 if s.is_ordinal else 0.5 * cov[k, k]
    return loading[1].get(k, 0.5)


def _loadings(s, cov):
    """First principal component of each factor's items, on the scale it is given.

    A factor whose first loading is fixed has its variance started to match; items
    of several factors give most to the first.
    """
    e = s.entries
    free = {(k, m) for kind, k, m in zip(e.kind, e.k, e.l) if kind == "A"}
    loadings, variances, used = {}, {}, set()
    scale = np.sqrt(np.diag(cov))
    corr = cov / np.outer(scale, scale)
    for f in range(s.p, s.n):
        fixed = {k: s.A[k, f] for k in range(s.p) if s.A[k, f] != 0}
        items = sorted(set(fixed) | {k for k, m in free if m == f and k < s.p})
        if not items:
            _second_order(s, f, free, loadings, variances)
            continue
        l = _component(corr[np.ix_(items, items)]) * scale[items]  # noqa: E741
        unit = 1.0
        if fixed:
            first = next(iter(fixed))
            unit = fixed[first] / l[items.index(first)]
            variances[f] = min(1 / unit**2, 4.0 * cov[first, first])
        for k, value in zip(items, l * unit):
            loadings[k, f] = value * (0.4 if k in used else 1.0)
        used |= set(items)
    return loadings, variances


def _second_order(s, f, free, loadings, variances):
    """A factor of factors starts at even loadings on the scale of its first."""
    for k in range(s.p, s.n):
        if (k, f) in free:
            loadings[k, f] = 0.5 * np.sqrt(variances.get(k, 1.0))
    variances[f] = 0.5


def _component(corr):
    values, vectors = np.linalg.eigh(corr)
    if len(corr) == 1:
        return np.array([0.7])
    share = max(values[-1] - 1.0, 0.2 * len(corr)) / len(corr)
    component = vectors[:, -1] * np.sqrt(len(corr) * share)
    component = np.where(abs(component) < 0.1, 0.1, component.clip(-0.95, 0.95))
    return component * np.sign(component.sum())
