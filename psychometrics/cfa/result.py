"""A fitted confirmatory model: its tables, and what is read off them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..annotations import Axes, Label
from ..figures import dots, finish, name_rows
from ..headlines import headline
from ..options import check_option
from ..results import Result, axes, folded, wrapped
from ..step_labels import by_step, steps_in_use
from .estimation.estimates import LeastSquaresEvidence, NormalEvidence
from .model.model_reliability import model_reliability
from .model.parameter_table import ParameterTable
from .path_diagram import path_diagram_svg

ESTIMATORS = {
    "ml": "maximum likelihood",
    "mlr": "maximum likelihood with robust errors and the Yuan-Bentler test",
    "mlm": "maximum likelihood with robust errors and the Satorra-Bentler test",
    "uls": "unweighted least squares",
    "wlsmv": "diagonally weighted least squares, scaled-shifted test",
    "ulsmv": "unweighted least squares, scaled-shifted test",
}
_SHOWN = ("est", "se", "z", "p", "ci_lower", "ci_upper", "std", "std_se")


@dataclass(frozen=True, eq=False, kw_only=True)
class ConfirmedModel(Result):
    """A confirmatory factor model fitted to responses.

    Attributes
    ----------
    estimates : DataFrame
        One row a parameter: lhs, op, rhs, group, label, is_free, est, se, z, p,
        ci_lower, ci_upper (95 %), std (all variables standardised), std_se, std_z,
        std_p, std_ci_lower, std_ci_upper.
    fit : Series
        Indices of fit; `_scaled` and `_robust` versions where the estimator has them.
    residuals : DataFrame
        Observed minus implied correlations, items x items; with groups the rows are
        (group, item).
    vcov : DataFrame
        Covariances of the free parameters.
    codes : tuple of arrays
        The categories of each ordinal item; empty for numbers.
    defined : DataFrame
        The parameters that the model defines by ``:=``, one row each: expression and
        the columns of `estimates` from est on; errors by the delta method. The
        standardised ones are the expression of standardised estimates. Of groups that
        do not share a label, the first that carries it counts.
    """

    _whole = 1000  # rows of items, not of persons

    model: str
    estimator: str
    groups: tuple
    items: tuple
    latents: tuple
    n: int
    group_sizes: tuple
    estimates: pd.DataFrame
    fit: pd.Series
    residuals: pd.DataFrame
    implied: tuple
    vcov: pd.DataFrame
    caveats: tuple
    n_clusters: int | None
    t_df: float
    n_iter: int
    changes: pd.DataFrame
    evidence: NormalEvidence | LeastSquaresEvidence
    table: ParameterTable
    defined: pd.DataFrame
    codes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.estimates

    def modification_indices(self, *, minimum: float = 0.0) -> pd.DataFrame:
        """Return what freeing each fixed parameter would gain, largest first.

        Columns: mi (fall in chi2), mi_scaled (divided by the test's scaling factor),
        epc (expected parameter change), sepc_lv and sepc_all (standardised).
        """
        return self.changes[self.changes["mi"] >= minimum]

    def group(self, label: int | str | None = None) -> pd.DataFrame:
        """Return the estimates of one group (the first unless said)."""
        return self.estimates[self.estimates["group"] == self.place_of(label) + 1]

    def place_of(self, group: Label | None = None) -> int:
        """Return which of `groups` is `group`, counted from 0; the first for None.

        Raises
        ------
        InvalidOption
            None of the model's groups.
        """
        if group is None:
            return 0
        check_option("group", group, self.groups)
        return self.groups.index(group)

    @property
    def scaling(self) -> float:
        """The factor that the scaled test divides chi2 by; 1 without one."""
        return float(self.fit.get("scaling_factor", 1.0))

    def free_values(self) -> np.ndarray:
        """Return the free parameters' estimates, in the order of `vcov`."""
        free = self.table.frame["free"].to_numpy()
        theta = np.zeros(self.table.n_free)
        theta[free[free > 0] - 1] = self.estimates["est"].to_numpy()[free > 0]
        return theta

    def loadings(
        self, group: Label | None = None, *, standardised: bool = True
    ) -> pd.DataFrame:
        """Return items x factors of one group; zero where the model has no path."""
        rows = self.group(group)
        rows = rows[(rows["op"] == "=~") & rows["rhs"].isin(self.items)]
        value = "std" if standardised else "est"
        table = rows.pivot(index="rhs", columns="lhs", values=value).fillna(0.0)
        measured = [name for name in self.latents if name in table.columns]
        kept = [item for item in self.items if item in table.index]
        return table.loc[kept, measured].rename_axis(index=None, columns=None)

    def thresholds(self, group: Label | None = None) -> pd.DataFrame:
        """Return items x steps of one group; empty for numbers.

        Step k leads to the k-th category above the lowest that was offered, whichever
        were chosen, while `estimates` numbers the steps between those in use.
        """
        rows = self.group(group)
        rows = rows[rows["op"] == "|"]
        items = [item for item in self.items if item in set(rows["lhs"])]
        if not items:
            return pd.DataFrame(index=pd.Index([], name="item"))
        values = pd.DataFrame([list(rows.loc[rows["lhs"] == i, "est"]) for i in items])
        codes = dict(zip(self.items, self.codes))
        return by_step(values.to_numpy(), [codes[i] for i in items], pd.Index(items))

    def factor_corr(self, group: Label | None = None) -> pd.DataFrame:
        """Return the factors' implied correlations in one group."""
        place = self.place_of(group)
        cov = self.implied[place].full[len(self.items) :, len(self.items) :]
        sd = np.sqrt(np.diag(cov))
        return pd.DataFrame(
            cov / np.outer(sd, sd), index=self.latents, columns=self.latents
        )

    def r_squared(self, group: Label | None = None) -> pd.Series:
        """Return the share of each variable's variance that the model explains."""
        rows = self.group(group)
        own = rows[(rows["op"] == "~~") & (rows["lhs"] == rows["rhs"])]
        outcomes = set(rows.loc[rows["op"] == "=~", "rhs"])
        own = own[own["lhs"].isin(outcomes)]
        return pd.Series(1 - own["std"].to_numpy(), index=own["lhs"].to_numpy())

    def reliability(self, group: Label | None = None) -> pd.DataFrame:
        """Return omega, alpha of the model and variance extracted, one row a factor.

        See `model_reliability`.
        """
        return model_reliability(self, group)

    def to_latex(self, digits: int = 3) -> str:
        """Return the estimates as a LaTeX table."""
        return self._shown(digits).to_latex(float_format=f"%.{digits}f")

    def to_html(self, digits: int = 3) -> str:
        """Return the estimates as an HTML table."""
        return self._shown(digits).to_html(float_format=f"%.{digits}f", na_rep="")

    def to_csv(self) -> str:
        """Return the estimates, at full precision, as CSV text."""
        return self.estimates.to_csv(index=False)

    def to_svg(self, group: Label | None = None) -> str:
        """Return the path diagram with standardised estimates as SVG text."""
        return path_diagram_svg(self, group)

    @property
    def is_admissible(self) -> bool:
        """Whether every variance is positive, and every factor correlation possible."""
        rows = self.estimates
        own = (rows["op"] == "~~") & (rows["lhs"] == rows["rhs"])
        p = len(self.items)
        return bool((rows.loc[own, "est"] >= 0).all()) and all(
            np.linalg.eigvalsh(moments.full[p:, p:])[0] > -1e-8
            for moments in self.implied
        )

    @cached_property
    def _test(self) -> tuple[str, str]:
        scaled = "chi2_scaled" in self.fit.index
        return ("chi2_scaled", "p_scaled") if scaled else ("chi2", "p")

    def _shown(self, digits: int) -> pd.DataFrame:
        rows = self.estimates
        names = rows["lhs"] + " " + rows["op"] + " " + rows["rhs"]
        table = rows[list(_SHOWN)].set_axis(names, axis=0).round(digits)
        if len(self.groups) > 1:
            labels = [str(self.groups[g - 1]) for g in rows["group"]]
            table = table.set_index(pd.Index(labels, name="group"), append=True)
        return table

    def summary(self, digits: int = 3) -> str:
        table = folded(self._shown(digits), na_rep="")
        parts = [*wrapped(self._about()), table]
        if len(self.defined):
            shown = self.defined[["expression", *_SHOWN]].round(digits)
            parts.append("Defined:\n" + folded(shown, na_rep=""))
        return "\n".join([*parts, *wrapped(self._caveats())])

    def _about(self) -> Sequence[str]:
        chi2, p = self._test
        f = self.fit
        how = ESTIMATORS[self.estimator]
        groups = f" in {len(self.groups)} groups" if len(self.groups) > 1 else ""
        lines = [
            f"Confirmatory factor model of {len(self.items)} items, "
            f"{self.n} persons{groups}; {how}.",
            f"chi2({f['df']:.0f}) = {f[chi2]:.2f}, p = {f[p]:.4f}; "
            + "; ".join(f"{name} {value:.3f}" for name, value in self._indices()),
        ]
        if self.n_clusters:
            lines.append(f"Errors allow for {self.n_clusters} clusters{self._f()}.")
        return lines

    def _f(self) -> str:
        f = self.fit
        if "f_scaled" not in f:
            return ""
        df1, df2 = f["f_df1"], f["f_df2"]
        return f"; p is of F({df1:.1f}, {df2:.1f}) = {f['f_scaled']:.3f}"

    def __repr__(self) -> str:
        chi2, p = self._test
        ending = chi2.removeprefix("chi2")
        indices = (f"{name}=fit.{name}{ending}" for name in ("df", "cfi", "rmsea"))
        return headline(self, (f"chi2=fit.{chi2}", f"p=fit.{p}", *indices, "n"))

    def _indices(self) -> Iterator[tuple[str, float]]:
        """Scaled and robust ones first: the unscaled flatter ordinal answers."""
        for suffix in ("_scaled", "_robust", ""):
            for name in ("cfi", "tli", "rmsea", "srmr"):
                value = self.fit.get(name + suffix, np.nan)
                if np.isfinite(value):
                    plain = not suffix and f"{name}_scaled" in self.fit
                    words = " unscaled" if plain else suffix.replace("_", " ")
                    yield name.upper() + words, value

    def _first_index(self, name: str) -> str:
        """The index that the summary begins with, in words."""
        word = f"{name.upper()} "
        found = (pair for pair in self._indices() if f"{pair[0]} ".startswith(word))
        return "{} {:.3f}".format(*next(found, (name.upper(), np.nan)))

    def _caveats(self) -> Sequence[str]:
        return (*self.caveats, *self._unused())

    def _unused(self) -> Iterator[str]:
        """Say where the numbers of thresholds are not those of an item's steps."""
        if not self.codes:
            return
        steps = zip(self.items, steps_in_use(self.codes))
        short = [item for item, own in steps if list(own) != [*range(1, len(own) + 1)]]
        if short:
            yield (
                f"{', '.join(short)}: options that nobody chose; thresholds are "
                "numbered among those in use, and under their steps in thresholds()."
            )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the standardised loadings with 95 % intervals."""
        rows = self.estimates[self.estimates["op"] == "=~"]
        several = len(self.groups) > 1
        names = [
            f"{row.lhs} → {row.rhs}"
            + (f" ({self.groups[row.group - 1]})" if several else "")
            for row in rows.itertuples()
        ]
        ax = axes(ax, rows=len(rows))
        width = 1.96 * rows["std_se"].fillna(0)
        at = name_rows(ax, names, what="loading")
        dots(ax, at, rows["std"], [width, width], markersize=4)
        ax.axvline(0, linewidth=0.8, color="0.25")
        title = (
            f"Loadings of {len(self.items)} items, n = {self.n}: "
            f"{self._first_index('cfi')}, {self._first_index('rmsea')}"
        )
        return finish(ax, title, x="standardised loading, 95 % interval")
