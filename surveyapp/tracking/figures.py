"""Means, intervals and what is hidden, from the sums that were released."""

from dataclasses import dataclass

import numpy as np

from .sums import Sums

FEW = 30  # below it a mean is marked "few responses"
HIDDEN = "hidden"
NOBODY = "nobody"
NOT_YET = "not yet"  # nobody has been counted in a quarter that still runs


@dataclass(frozen=True)
class Figure:
    """A mean that may be shown, or why it may not."""

    n: int | None = None
    mean: float | None = None
    lower: float | None = None
    upper: float | None = None
    why_not: str | None = None

    @property
    def is_shown(self):
        return self.why_not is None

    @property
    def is_few(self):
        return self.is_shown and self.n < FEW


@dataclass(frozen=True, eq=False)
class Lattice:
    """Figures of teams x quarters, with totals, for one scale."""

    teams: tuple
    quarters: tuple
    cells: dict  # (team, quarter) -> Figure; None stands for all

    def row(self, team):
        return [self.cells[team, quarter] for quarter in (*self.quarters, None)]


def lattice(releases, teams, scale, *, minimum):
    """Every cell of teams x quarters and its totals, small groups hidden.

    What a hidden cell could be worked out from is hidden with it; so is a cell in
    which everyone scored alike.
    """
    import pandas as pd

    from psychometrics.scores.suppression import suppress

    quarters = tuple(release.quarter for release in releases)
    sums = np.array(
        [
            [_kept(release, team, scale).kept() for team in teams]
            for release in releases
        ],
        float,
    ).reshape(len(quarters), len(teams), 6)
    # Who came by an open link is in the figures, but hides and shows nothing.
    sums, counted = np.split(sums.transpose(1, 0, 2), 2, axis=2)
    counts = pd.DataFrame(counted[:, :, 0].astype(int), index=teams, columns=quarters)
    alike = pd.DataFrame(_alike(counted), index=teams, columns=quarters)
    if counts.empty:
        nobody = {(team, None): Figure(why_not=NOBODY) for team in (*teams, None)}
        return Lattice(tuple(teams), quarters, nobody)
    hidden = suppress(counts, minimum=minimum, alike=alike)
    withheld = np.array([[_is_withheld(r, t, scale) for r in releases] for t in teams])
    small = withheld | ((counts > 0) & (counts < minimum)).to_numpy()
    running = [not release.is_final for release in releases]
    cells = {(None, None): figure(sums.sum((0, 1)), hidden.total, small.any())}
    for t, team in enumerate(teams):
        # A row's total leaves small cells out, so that none moves it.
        rest = hidden.cells.loc[team].to_numpy() & ~small[t] & (sums[t, :, 0] > 0)
        cells[team, None] = figure(
            sums[t][~small[t]].sum(0),
            hidden.row_totals[team] or (small[t].any() and rest.any()),
            small[t].any(),
        )
        for q, quarter in enumerate(quarters):
            is_hidden = hidden.cells.at[team, quarter]
            cells[team, quarter] = figure(
                sums[t, q], is_hidden, withheld[t, q], running[q]
            )
    for q, quarter in enumerate(quarters):
        cells[None, quarter] = figure(
            sums[:, q].sum(0), hidden.column_totals[quarter], withheld[:, q].any()
        )
    return Lattice(tuple(teams), quarters, cells)


def _kept(release, team, scale):
    return Sums.of(release.figures.get(str(team), {}).get(scale))


def _is_withheld(release, team, scale):
    """Whether a team has people here whose scores were not let out."""
    key = str(team)
    return key in release.members and scale not in release.figures.get(key, {})


def figure(sums, is_hidden, is_withheld=False, is_running=False):
    """Mean and 95 % t interval of n, sum and sum of squares."""
    from scipy import stats

    n, total, squares = int(sums[0]), float(sums[1]), float(sums[2])
    if n == 0 and not is_withheld:
        return Figure(why_not=NOT_YET if is_running else NOBODY)
    if n == 0:
        return Figure(why_not=HIDDEN)
    if is_hidden:
        return Figure(why_not=HIDDEN)
    mean = total / n
    variance = max(squares - n * mean**2, 0) / (n - 1)
    half = stats.t.ppf(0.975, n - 1) * (variance / n) ** 0.5
    return Figure(n, mean, max(0.0, mean - half), min(100.0, mean + half))


def _alike(sums):
    n, total, squares = sums[..., 0], sums[..., 1], sums[..., 2]
    spread = squares - total**2 / np.maximum(n, 1)
    return (n > 0) & (spread <= 1e-9 * np.maximum(squares, 1))
