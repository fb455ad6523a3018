"""A general factor above group factors: Schmid-Leiman, omega, ECV and PUC."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..counted import people
from ..errors import HeywoodWarning
from ..figures import SHADES, finish, name_rows
from ..results import Result, axes
from .exploratory import ExploratoryFactors, explore
from .ml_newton import loadings_from, lowest_minimum

WHOLE = 0.995  # loading of a group factor that leaves a hundredth of it, or less


@dataclass(frozen=True, eq=False, kw_only=True)
class Omega(Result):
    """How much of a sum score, and of its parts, general and group factors explain.

    Attributes
    ----------
    omega_hierarchical : float
        Share of the sum score's variance that is due to the general factor.
    omega_total : float
        Share that is due to all common factors.
    omega_limit : float
        The former over the latter: omega hierarchical of endlessly many such items.
    alpha, lambda6 : float
        Of the same correlations.
    ecv : float
        Explained common variance: share of squared loadings on the general factor.
    puc : float
        Share of correlations between items of different groups (Rodriguez, Reise &
        Haviland, 2016), which the general factor alone explains.
    schmid_leiman : DataFrame, items
        `g`, group loadings, `h2`, `u2`, `p2` (general share of `h2`) and `i_ecv`
        (general share of squared loadings).
    subscales : DataFrame, (g, group factors)
        `omega_total`, and its `general` and `group` parts, over the items that load
        highest on each group factor; `n_items` and `h` (construct replicability).
    general : Series
        Loadings of the group factors on the general one, as they were estimated; one
        beyond 1 is no correlation, and is taken as 1 in everything else.
    loadings, factor_corr : DataFrame
        The oblique solution above which the general factor stands.
    key : Series
        -1 for items that were reversed because they load negatively on it.
    """

    _headline = ("omega_hierarchical", "omega_total", "ecv", "n=n_persons")

    omega_hierarchical: float
    omega_total: float
    omega_limit: float
    alpha: float
    lambda6: float
    ecv: float
    puc: float
    schmid_leiman: pd.DataFrame
    subscales: pd.DataFrame
    general: pd.Series
    loadings: pd.DataFrame
    factor_corr: pd.DataFrame
    key: pd.Series
    n_obs: float
    kind: str
    n_persons: int | None = None
    n_complete: int | None = None

    def to_frame(self) -> pd.DataFrame:
        return self.schmid_leiman

    def _about(self) -> Sequence[str]:
        return (
            f"omega hierarchical {self.omega_hierarchical:.3f}, total "
            f"{self.omega_total:.3f}; ECV {self.ecv:.3f}, PUC {self.puc:.3f}; alpha "
            f"{self.alpha:.3f}; {self.kind} correlations, "
            f"{people(self.n_obs, self.n_persons, self.n_complete)}.",
            self.subscales.round(3).to_string(),
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        reversed_ = self.key.index[self.key < 0]
        if len(reversed_):
            notes.append(f"Reversed: {', '.join(map(str, reversed_))}.")
        whole = self.general.index[self.general.abs() > WHOLE]
        if len(whole) and len(self.general) > 1:
            notes.append(
                f"The general factor is all of group factor {', '.join(whole)} "
                f"(loading {self.general.abs().max():.2f}, taken as 1 where above): "
                "its items have no group part, and omega hierarchical, ECV and the "
                "group parts rest on an inadmissible solution; fewer factors may do."
            )
        if len(self.general) == 1:
            notes.append("One factor: omega hierarchical has nothing to set it apart.")
        if len(self.general) == 2:
            notes.append(
                "Two group factors: their general loadings are taken as equal."
            )
        if self.kind == "polychoric":
            notes.append("This is the omega of latent responses, not of the sum score.")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's general and group shares of variance."""
        ax = axes(ax, rows=len(self.schmid_leiman))
        squares = self.schmid_leiman[["g", *self.loadings.columns]] ** 2
        at, left = name_rows(ax, squares.index), 0.0 * squares["g"]
        for k, name in enumerate(squares):
            shade, hatch = SHADES[k % len(SHADES)]
            label = "general factor" if name == "g" else str(name)
            ax.barh(
                at,
                squares[name],
                left=left,
                label=label,
                color=shade,
                hatch=hatch,
                edgecolor="white",
            )
            left = left + squares[name]
        ax.set_xlim(0, 1)
        title = (
            f"omega hierarchical {self.omega_hierarchical:.2f}, total "
            f"{self.omega_total:.2f}, "
            f"{people(self.n_obs, self.n_persons, self.n_complete)}"
        )
        return finish(ax, title, x="share of the item's variance", key=True)


def omega(
    responses: pd.DataFrame | None,
    n_factors: int,
    *,
    corr: str | pd.DataFrame = "pearson",
    n_obs: float | None = None,
    extraction: str = "minres",
    rotation: str = "oblimin",
    flip: bool = True,
) -> Omega:
    """Coefficient omega by the Schmid-Leiman transformation.

    Oblique factors are extracted, a general factor is extracted from their
    correlations, and the item loadings are divided between both (Schmid & Leiman,
    1957, Psychometrika 22, 53-61; Zinbarg, Revelle, Yovel & Li, 2005; Revelle &
    Zinbarg, 2009, Psychometrika 74, 145-154).

    Parameters
    ----------
    responses, corr, n_obs, extraction
        As in `explore`; Pearson by default, since omega describes a sum of answers.
    n_factors : int
        Group factors; three or more determine the general one. With two its loadings
        are set equal, with one there is no group factor.
    rotation : str
        An oblique one.
    flip : bool
        Reverse items that load negatively on the general factor.

    Returns
    -------
    Omega

    Raises
    ------
    InvalidResponses, NotIdentified, ConvergenceError
        As `explore`.

    Examples
    --------
    >>> import pandas as pd
    >>> corr = pd.DataFrame(0.16, list("abcd"), list("abcd"))
    >>> corr.loc["a", "b"] = corr.loc["b", "a"] = 0.64
    >>> corr.loc["c", "d"] = corr.loc["d", "c"] = 0.64
    >>> corr = corr.where(~np.eye(4, dtype=bool), 1.0)
    >>> round(float(omega(None, 1, corr=corr, n_obs=100).omega_total), 2)
    0.65
    """
    found = explore(
        responses,
        n_factors,
        corr=corr,
        n_obs=n_obs,
        extraction=extraction,
        rotation=rotation if n_factors > 1 else "none",
    )
    method = extraction if extraction == "ml" else "minres"
    general = general_loadings(found.factor_corr.to_numpy(), method)
    pattern = found.loadings.to_numpy()
    if (pattern @ general).sum() < 0:
        general = -general
    # no factor has more of a standardised group factor than all of it
    shared = general.clip(-1, 1)
    on_general = pattern @ shared
    key = np.where((on_general < 0) & flip, -1.0, 1.0)
    group = pattern * np.sqrt(1 - shared**2) * key[:, None]
    turned = found.corr.to_numpy() * np.outer(key, key)
    return _result(found, general, on_general * key, group, turned, key)


def general_loadings(factor_corr: np.ndarray, method: str = "minres") -> np.ndarray:
    """Return the loadings of factors on one general factor of theirs."""
    m = len(factor_corr)
    if m == 1:
        return np.ones(1)
    if m == 2:
        between = factor_corr[0, 1]
        return np.sqrt(abs(between)) * np.array([1.0, np.sign(between) or 1.0])
    if abs(factor_corr - np.eye(m)).max() < 1e-6:
        return np.zeros(m)  # nothing in common: any one factor would fit as well
    psi = lowest_minimum(factor_corr, 1, method)
    if psi.min() < 0.01:
        warnings.warn(
            f"the general factor is all but group factor F{psi.argmin() + 1} itself; "
            "fewer or other factors may say more",
            HeywoodWarning,
            stacklevel=3,
        )
    return loadings_from(factor_corr, psi, 1, method)[:, 0]


def _result(
    found: ExploratoryFactors,
    general: np.ndarray,
    on_general: np.ndarray,
    group: np.ndarray,
    turned: np.ndarray,
    key: np.ndarray,
) -> Omega:
    p, total = len(turned), turned.sum()
    h2 = 1 - found.uniquenesses.to_numpy()
    squares = on_general**2 + (group**2).sum(axis=1)
    # a group factor that is all general has no loadings left to tell its items by
    telling = group if (abs(general) < 1).all() else found.loadings.to_numpy()
    own = abs(telling).argmax(axis=1)
    table = pd.DataFrame({"g": on_general}, index=found.loadings.index)
    table[list(found.loadings.columns)] = group
    table["h2"], table["u2"] = h2, 1 - h2
    table["p2"], table["i_ecv"] = on_general**2 / h2, on_general**2 / squares
    hierarchical = on_general.sum() ** 2 / total
    omega_total = 1 - (1 - h2).sum() / total
    return Omega(
        omega_hierarchical=hierarchical,
        omega_total=omega_total,
        omega_limit=hierarchical / omega_total,
        alpha=p / (p - 1) * (1 - p / total),
        lambda6=1 - (1 / np.diag(np.linalg.inv(turned))).sum() / total,
        ecv=(on_general**2).sum() / squares.sum(),
        puc=uncontaminated(np.bincount(own)),
        schmid_leiman=table,
        subscales=_subscales(on_general, group, turned, own, omega_total, found),
        general=pd.Series(general, index=found.loadings.columns, name="general"),
        loadings=found.loadings,
        factor_corr=found.factor_corr,
        key=pd.Series(key.astype(int), index=found.loadings.index, name="key"),
        n_obs=found.n_obs,
        kind=found.kind,
        n_persons=found.n_persons,
        n_complete=found.n_complete,
    )


def uncontaminated(sizes: np.ndarray) -> float:
    """Share of item pairs whose items belong to different groups."""
    n = sizes.sum()
    return 1 - (sizes * (sizes - 1)).sum() / (n * (n - 1))


def replicability(loadings: np.ndarray) -> float:
    """Hancock & Mueller's (2001) H of one factor's loadings."""
    squares = np.minimum(loadings**2, 1 - 1e-9)
    information = (squares / (1 - squares)).sum()
    return information / (1 + information)


def _subscales(
    on_general: np.ndarray,
    group: np.ndarray,
    turned: np.ndarray,
    own: np.ndarray,
    omega_total: float,
    found: ExploratoryFactors,
) -> pd.DataFrame:
    """Omega of each group's items, split into its general and its group part."""
    rows = []
    for k in range(group.shape[1]):
        inside = own == k
        variance = turned[np.ix_(inside, inside)].sum()
        general = on_general[inside].sum() ** 2 / variance if inside.any() else np.nan
        own_part = group[inside, k].sum() ** 2 / variance if inside.any() else np.nan
        size, h = int(inside.sum()), replicability(group[:, k])
        rows.append((general + own_part, general, own_part, size, h))
    within = sum(group[own == k, k].sum() ** 2 for k in range(group.shape[1]))
    whole = turned.sum()
    shares = (omega_total, on_general.sum() ** 2 / whole, within / whole)
    first = (*shares, len(turned), replicability(on_general))
    columns = ["omega_total", "general", "group", "n_items", "h"]
    names = ["g", *found.loadings.columns]
    return pd.DataFrame([first, *rows], index=names, columns=columns)
