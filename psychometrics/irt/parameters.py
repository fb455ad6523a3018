"""Item parameters with their labels: what a calibration leaves behind for scoring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..errors import InvalidOption
from ..figures import finish, line_style
from ..results import Result, axes
from ..step_labels import by_step
from . import models
from .information import item_information
from .persons import PersonEstimates, score_persons
from .plots import draw_expected, draw_information, draw_slopes


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemParameters(Result):
    """Parameters of calibrated items, from this package or from elsewhere.

    Attributes
    ----------
    model : {"graded", "gpcm", "pcm", "rsm", "nominal"}, or a tuple
        Of a mixed test: the kind of each item, one of the first three.
    slopes : DataFrame, items x slopes
        One column for each dimension (nominal: for each step).
    intercepts : DataFrame, items x steps
        Slope-intercept form, NaN for steps that an item does not have.
    categories : dict
        For each item the sorted codes, in the data, of its categories 0, 1, ...
    """

    _headline = ("slopes", "items", "model=model_name")

    model: models.Model
    slopes: pd.DataFrame
    intercepts: pd.DataFrame
    categories: dict

    @property
    def items(self) -> pd.Index:
        """Labels of the items."""
        return self.slopes.index

    @property
    def model_name(self) -> str:
        """The model in one word: of a mixed test that it is one."""
        return "mixed" if isinstance(self.model, tuple) else self.model

    @property
    def is_unidimensional(self) -> bool:
        """Whether each item has one slope and ordered steps."""
        return self.model != "nominal" and self.slopes.shape[1] == 1

    @property
    def discrimination(self) -> pd.DataFrame | pd.Series:
        """Slopes: a series for one dimension, else one column for each."""
        if self.is_unidimensional:
            return self.slopes.iloc[:, 0].rename("discrimination")
        return self.slopes

    @property
    def thresholds(self) -> pd.DataFrame:
        """Thresholds on the theta metric, items x steps; one dimension only.

        Numbered as in `steps_in_use`: NaN where an item has no such threshold, because
        nobody chose that category of it or the ones below.
        """
        return self.by_step(self._cuts)

    @property
    def _cuts(self) -> np.ndarray:
        """Thresholds of the categories in use, one after the other."""
        self._one_dimension("thresholds")
        return models.thresholds_from_intercepts(self.model, *self.arrays)

    def by_kind(self) -> Iterator[tuple[np.ndarray, ItemParameters]]:
        """Of a mixed test: the positions of each kind's items, and their parameters."""
        for kind in dict.fromkeys(self.model):
            rows = np.flatnonzero([one == kind for one in self.model])
            part = ItemParameters(
                model=kind,
                slopes=self.slopes.iloc[rows],
                intercepts=self.intercepts.iloc[rows],
                categories={item: self.categories[item] for item in self.items[rows]},
            )
            yield rows, part

    def by_step(self, values: np.ndarray) -> pd.DataFrame:
        """Return values of the steps between categories in use under their numbers.

        Parameters
        ----------
        values : array, items x steps in use, NaN beyond an item's last
        """
        codes = [self.categories[item] for item in self.items]
        return by_step(values, codes, self.items)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Model, slopes and intercepts as the functions of `models` take them."""
        return self.slopes.to_numpy(), self.intercepts.to_numpy()

    def probabilities(self, theta: np.ndarray) -> np.ndarray:
        """Return category probabilities, shape (J, K, Q)."""
        return models.category_probabilities(self.model, theta, *self.arrays)

    def information(self, theta: Sequence[float] | np.ndarray) -> pd.DataFrame:
        """Return Fisher information: one row for each theta, a column per item.

        The last column, `test`, is their sum. With every theta: `1 / sqrt(test)` is
        the standard error of its maximum likelihood estimate.
        """
        theta = np.asarray(theta, float).reshape(-1)
        if self.model != "nominal":
            self._one_dimension("information")
        each = item_information(self.model, theta, *self.arrays).T
        frame = pd.DataFrame(each, pd.Index(theta, name="theta"), self.items)
        return frame.assign(test=each.sum(axis=1))

    def expected_scores(self, theta: np.ndarray) -> pd.DataFrame:
        """Return expected answers in the data's codes: theta x items, and `test`."""
        theta = np.asarray(theta, float).reshape(-1)
        codes = np.zeros(self.probabilities(theta).shape[:2])
        for j, item in enumerate(self.items):
            codes[j, : len(self.categories[item])] = self.categories[item]
        each = np.einsum("jkq,jk->qj", self.probabilities(theta), codes)
        frame = pd.DataFrame(each, pd.Index(theta, name="theta"), self.items)
        return frame.assign(test=each.sum(axis=1))

    def persons(
        self,
        responses: pd.DataFrame,
        method: str = "eap",
        *,
        mean: float = 0.0,
        sd: float = 1.0,
    ) -> PersonEstimates:
        """Return theta of new persons at these parameters; nothing is estimated.

        Parameters
        ----------
        responses : DataFrame, persons x items
            Any of the items, in any order; NaN where unanswered.
        method : {"eap", "map", "wle", "ml"}
        mean, sd : float
            Of the normal prior of EAP and MAP.

        Returns
        -------
        PersonEstimates
        """
        return score_persons(self, responses, method, mean, sd)

    def threshold_order(self) -> pd.DataFrame:
        """Return for each item whether its thresholds increase, and the worst step."""
        cuts = pd.DataFrame(self._cuts, self.items)
        gaps = cuts.diff(axis=1) * np.sign(self.slopes.to_numpy())
        smallest = gaps.min(axis=1)
        return pd.DataFrame({"ordered": ~(smallest < 0), "smallest_step": smallest})

    def to_frame(self) -> pd.DataFrame:
        """Return discriminations and thresholds, or slopes and intercepts."""
        if self.is_unidimensional:
            cuts = self.thresholds.rename(columns=lambda step: f"b{step}")
            return pd.concat([self.discrimination, cuts], axis=1)
        cuts = self.intercepts.rename(columns=lambda step: f"d{step}")
        return pd.concat([self.slopes, cuts], axis=1)

    def plot_categories(
        self, item: str, ax: Axes | None = None, theta: np.ndarray | None = None
    ) -> Axes:
        """Draw the probability of each category of one item along theta."""
        ax, theta = axes(ax), np.linspace(-4, 4, 201) if theta is None else theta
        curves = self.probabilities(theta)[self.items.get_loc(item)]
        for k, (code, curve) in enumerate(zip(self.categories[item], curves)):
            ax.plot(theta, curve, label=str(code), **line_style(k, len(theta)))
        ax.set_ylim(0, 1)
        title = f"Answers to {item} along theta"
        return finish(
            ax,
            title,
            x="theta",
            y="probability of the answer",
            key=True,
            key_title="answer",
        )

    def plot_expected(
        self,
        items: Sequence[str] | None = None,
        ax: Axes | None = None,
        theta: np.ndarray | None = None,
    ) -> Axes:
        """Draw the expected answer to each item (or the whole `test`) along theta.

        Above eight items each has a small panel.
        """
        theta = np.linspace(-4, 4, 201) if theta is None else theta
        shown = self.expected_scores(theta)
        shown = shown.drop(columns="test") if items is None else shown[list(items)]
        return draw_expected(shown, ax)

    def plot_information(
        self, ax: Axes | None = None, theta: np.ndarray | None = None
    ) -> Axes:
        """Draw test information along theta, and the standard error it implies.

        The standard error has the scale at the right.
        """
        ax, theta = axes(ax), np.linspace(-4, 4, 201) if theta is None else theta
        return draw_information(self.information(theta)["test"], len(self.items), ax)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the test information; of several dimensions, the slopes."""
        if self.is_unidimensional or self.model == "nominal":
            return self.plot_information(ax)
        return draw_slopes(self.slopes, ax)

    def _one_dimension(self, what: str) -> None:
        if not self.is_unidimensional:
            raise InvalidOption(
                f"{what} need one dimension and ordered steps; this is a "
                f"{self.model} model with {self.slopes.shape[1]} slopes an item"
            )
