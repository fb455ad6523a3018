"""Items on a latent dimension: how sharply and where each measures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...errors import NotIdentified
from ...figures import line_style
from ..document import Figure, Section, Table

if TYPE_CHECKING:
    from ...irt.result import IrtResult
    from ..study import Study


def response_model(study: Study, earlier: Sequence[Section]) -> Section:
    """A graded response model for each scale of three items or more."""
    fits, problems = study.calibrations
    if not fits and not problems:
        return None
    if not fits:
        raise NotIdentified("; ".join(f"{s}: {why}" for s, why in problems.items()))
    table = pd.concat({scale: fit.to_frame() for scale, fit in fits.items()})
    table = table.reset_index(level=0, names="scale").rename_axis("item")
    return Section(
        key="response_model",
        title="Items on a latent dimension",
        plain=_reading(table["discrimination"]),
        tables=(
            Table(
                name="Graded response model",
                caption="Discrimination and thresholds (cut 1 between the lowest two "
                "categories) of each item with standard errors, on its scale's theta "
                "(mean 0, SD 1).",
                frame=table.rename(columns=_spelt),
            ),
            Table(
                name="Marginal reliability",
                caption="Reliability of theta averaged over people: information over "
                "information plus one over the variance.",
                frame=pd.DataFrame(
                    {
                        "reliability": {
                            s: f.marginal_reliability() for s, f in fits.items()
                        }
                    }
                ).rename_axis("scale"),
            ),
        ),
        figures=(_information(fits),),
        notes=tuple(f"{scale}: {why}" for scale, why in problems.items()),
    )


def _spelt(column: str) -> str:
    """`cut 1` for b1: an item may be called that."""
    return re.sub(r"^b(?=\d)", "cut ", column)


def _reading(discrimination: pd.Series) -> str:
    """Which items tell people apart least and most, and which the wrong way round."""
    size = discrimination.abs()
    against = discrimination.index[discrimination < 0].tolist()
    turned = (
        f" {', '.join(map(str, against))} {'go' if len(against) > 1 else 'goes'} "
        "against the other items of the scale: reverse what is worded the other way "
        "round."
        if against
        else ""
    )
    return (
        f"{size.idxmin()} tells people apart least (discrimination "
        f"{discrimination[size.idxmin()]:.2f}), {size.idxmax()} most "
        f"({discrimination[size.idxmax()]:.2f}).{turned} Where the curves below are "
        "high, a scale measures well."
    )


def _information(fits: Mapping[str, IrtResult]) -> Figure:
    theta = np.linspace(-4, 4, 81)
    curves = {
        scale: fit.information(theta)["test"].to_numpy() for scale, fit in fits.items()
    }
    best = {scale: theta[curve.argmax()] for scale, curve in curves.items()}

    def draw(ax: Axes) -> None:
        for k, (scale, curve) in enumerate(curves.items()):
            ax.plot(theta, curve, label=scale, **line_style(k, len(theta)))
        ax.set_xlabel("theta")
        ax.set_ylabel("information")
        ax.legend(frameon=False, ncols=3)

    peaks = ", ".join(f"{scale} at {best[scale]:.1f}" for scale in fits)
    return Figure(
        name="information",
        caption="Where on the dimension each scale measures precisely.",
        alt="One curve a scale; "
        f"{'the peaks lie' if len(fits) > 1 else 'its peak lies'} at theta: {peaks}.",
        draw=draw,
        data=pd.DataFrame(curves, index=pd.Index(theta, name="theta")),
    )
