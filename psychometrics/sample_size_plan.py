"""How many persons each section of a study needs, before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import asinh, atanh, ceil, tanh

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .annotations import Axes, Scales
from .cfa.fit.rmsea_power import rmsea_sample_size
from .errors import InvalidOption, NotIdentified
from .figures import bars, finish, name_rows
from .results import Result, axes

# COSMIN's risk of bias checklist (Mokkink et al., 2018), "very good"; recalled
AN_ITEM, FEWEST = 7, 100
RASCH, GRADED, A_GROUP = 200, 1000, 200
# Straat, van der Ark & Sijtsma (2014): of good items 250 to 500, of poor ones 1250 to
# 1750; recalled
MOKKEN = {"good": 500, "poor": 1750}
AN_OPTION = 10  # persons who choose it (Linacre, 2002); recalled
MODELS = {"graded": GRADED, "gpcm": GRADED, "pcm": RASCH, "rsm": RASCH}


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleSizePlan(Result):
    """Persons that each section needs, with its reason and its source.

    Attributes
    ----------
    table : DataFrame, one row a rule
        section, n (persons in all, whose answers can be used), asked (persons to ask,
        if the share that is lost is what was said), is_largest, reason, source,
        assumption.
    loss : float
        Share of those asked whose answers cannot be used.
    """

    _headline = ("n", "asked", "loss")

    table: pd.DataFrame
    loss: float

    @property
    def n(self) -> int:
        """Persons whose answers can be used, enough for every section."""
        return int(self.table["n"].max())

    @property
    def asked(self) -> int:
        """Persons to ask."""
        return int(self.table["asked"].max())

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        rows = self.table[self.table["is_largest"]]
        return (
            f"{self.n} persons, set by {' and '.join(dict.fromkeys(rows['section']))}; "
            f"ask {self.asked}, if {self.loss:.0%} of them are lost.",
        )

    def _caveats(self) -> Sequence[str]:
        return (
            "Rules of thumb are no calculation, and a calculation is only as good as "
            "its assumption; a study whose model can be stated is better simulated "
            "(monte_carlo, sample_size).",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the persons that each rule asks for, the largest hatched."""
        ax = axes(ax, rows=len(self.table))
        at = name_rows(ax, self.table.index, what="rule")
        words = ("enough for this rule", "the largest")
        bars(ax, at, self.table["n"], flags=self.table["is_largest"], words=words)
        title = f"Persons needed: {self.n}"
        return finish(ax, title, x="persons whose answers can be used", key=True)


@dataclass(frozen=True, kw_only=True)
class _Study:
    """What is planned."""

    scales: dict[str, int]  # items of each
    n_groups: int
    model: str
    quality: str
    rarest: float
    expected: dict[str, float]
    width: dict[str, float]
    power: float
    difference: float
    confidence: float
    z: float = field(default=np.nan)

    @property
    def n_items(self) -> int:
        return sum(self.scales.values())


Rule = tuple[str, int, str, str, str]  # name, n, reason, source, assumption


def _reliability(study: _Study) -> list[Rule]:
    """From Bonett (2002): log(1 - alpha) +- z sqrt(2 k / ((k - 1)(n - 2)))."""
    alpha, width = study.expected["alpha"], study.width["alpha"]
    fewest = min(study.scales.values())
    half = asinh(width / (2 * (1 - alpha)))
    n = 2 * fewest / (fewest - 1) * (study.z / half) ** 2 + 2
    reason = f"an interval of alpha no wider than {width:g}, {fewest} items"
    assumed = f"alpha is {alpha:g}; items are parallel"
    return [("alpha", ceil(n), reason, "Bonett (2002)", assumed)]


def _degrees(study: _Study) -> int:
    """Of factors that correlate freely, each item on one."""
    p, m = study.n_items, len(study.scales)
    return p * (p - 1) // 2 - p - m * (m - 1) // 2


def _persons_an_item(study: _Study) -> int:
    return max(AN_ITEM * study.n_items, FEWEST)


def _close_fit(study: _Study) -> Rule | None:
    df = _degrees(study)
    if df < 1:
        return None
    n = rmsea_sample_size(df, power=study.power, alpha=1 - study.confidence)
    reason = f"power {study.power:g} to tell RMSEA .08 from .05, {df} degrees"
    assumed = "normal theory: somewhat few for ordinal items"
    source = "MacCallum, Browne & Sugawara (1996)"
    return "close fit", n, reason, source, assumed


def _structure(study: _Study) -> list[Rule]:
    n = _persons_an_item(study)
    reason = f"{AN_ITEM} persons an item, {study.n_items} items, and {FEWEST} in all"
    assumed = "loadings of .5 or more; a rule of thumb"
    rules = [("persons an item", n, reason, "Mokkink et al. (2018)", assumed)]
    return [rule for rule in (*rules, _close_fit(study)) if rule]


def _invariance(study: _Study) -> list[Rule]:
    each = _persons_an_item(study)
    reason = f"{each} persons in each of {study.n_groups} groups, as for the structure"
    assumed = "groups of one size: with others the smallest must reach this"
    source = "Mokkink et al. (2018)"
    return [("invariance", each * study.n_groups, reason, source, assumed)]


def _differential(study: _Study) -> list[Rule]:
    n = A_GROUP * study.n_groups
    reason = f"{A_GROUP} persons in each of {study.n_groups} groups"
    source = "Scott et al. (2009); Mokkink et al. (2018)"
    return [("items in groups", n, reason, source, "groups of one size")]


def _calibration(study: _Study) -> list[Rule]:
    n = MODELS[study.model]
    reason = f"parameters of the {study.model} model"
    assumed = "every person answers every item; planned booklets need more"
    options = ceil(AN_OPTION / study.rarest - 1e-9)
    why = f"{AN_OPTION} persons in the least chosen option of any item"
    chosen = f"{study.rarest:.0%} choose it"
    return [
        ("calibration", n, reason, "Mokkink et al. (2018)", assumed),
        ("rarest option", options, why, "Linacre (2002)", chosen),
    ]


def _mokken(study: _Study) -> list[Rule]:
    n = MOKKEN[study.quality]
    reason = f"items of {study.quality} quality sorted as in the population"
    source = "Straat, van der Ark & Sijtsma (2014)"
    return [("Mokken scales", n, reason, source, "simulated; recalled")]


def _of_icc(rho: float, width: float, z: float) -> int:
    """Bonett (2002, Statistics in Medicine 21, 1331-1335), of two measurements."""
    k = 2
    spread = (1 - rho) ** 2 * (1 + (k - 1) * rho) ** 2
    return ceil(8 * z**2 * spread / (k * (k - 1) * width**2) + 1)


def _retest(study: _Study) -> list[Rule]:
    rho, width = study.expected["icc"], study.width["icc"]
    reason = f"an interval of the ICC no wider than {width:g}, asked twice"
    assumed = f"the ICC is {rho:g}; these are people who have not changed"
    source = "Bonett (2002, Statistics in Medicine)"
    return [("retest", _of_icc(rho, width, study.z), reason, source, assumed)]


def _agreement(study: _Study) -> list[Rule]:
    rho, width = study.expected["kappa"], study.width["kappa"]
    reason = f"an interval of weighted kappa no wider than {width:g}, two raters"
    assumed = f"kappa is {rho:g}; with squared weights it is an ICC"
    source = "Fleiss & Cohen (1973); Bonett (2002, Statistics in Medicine)"
    return [("agreement", _of_icc(rho, width, study.z), reason, source, assumed)]


def _criterion(study: _Study) -> list[Rule]:
    """The fewest persons whose interval by Fisher's z is no wider than asked."""
    rho, width = study.expected["r"], study.width["r"]

    def reach(n: int) -> float:
        step = study.z / np.sqrt(n - 3)
        return tanh(atanh(rho) + step) - tanh(atanh(rho) - step)

    n = next(n for n in range(4, 10_000_000) if reach(n) <= width)
    reason = f"an interval of the correlation no wider than {width:g}"
    assumed = f"the correlation is {rho:g}; both are about normal"
    return [("criterion", n, reason, "Fisher (1921)", assumed)]


def _known_groups(study: _Study) -> list[Rule]:
    """Two means compared (Cohen, 1988), with Guenther's (1981) z^2 / 4 for the t."""
    d = study.difference
    each = 2 * ((study.z + ndtri(study.power)) / d) ** 2 + study.z**2 / 4
    reason = f"power {study.power:g} for a difference of {d:g} standard deviations"
    assumed = "two groups of one size, of one spread"
    source = "Cohen (1988); Guenther (1981)"
    return [("known groups", 2 * ceil(each), reason, source, assumed)]


SECTIONS: dict[str, Callable[[_Study], list[Rule]]] = {
    "reliability": _reliability,
    "structure": _structure,
    "invariance": _invariance,
    "dif": _differential,
    "calibration": _calibration,
    "mokken": _mokken,
    "retest": _retest,
    "agreement": _agreement,
    "criterion": _criterion,
    "known_groups": _known_groups,
}
EXPECTED = {"alpha": 0.8, "icc": 0.8, "kappa": 0.7, "r": 0.7}
WIDTH = {"alpha": 0.1, "icc": 0.2, "kappa": 0.2, "r": 0.2}


def sample_size_plan(
    scales: Scales,
    *,
    sections: Sequence[str] = tuple(SECTIONS),
    n_groups: int = 2,
    model: str = "graded",
    quality: str = "good",
    rarest: float = 0.05,
    expected: dict[str, float] | None = None,
    width: dict[str, float] | None = None,
    difference: float = 0.5,
    power: float = 0.8,
    confidence: float = 0.95,
    loss: float = 0.0,
) -> SampleSizePlan:
    """Say how many persons each section of a validation study needs (COSMIN's boxes).

    Where there is a formula it is used, as the interval widths of Bonett (2002); else
    the rule that is published. docs/methods/sample_size_plan.md has them all.

    Parameters
    ----------
    scales : dict of str to sequence of str
        The items of each scale, two or more.
    sections : sequence of str
        Of "reliability", "structure", "invariance", "dif", "calibration", "mokken",
        "retest", "agreement", "criterion", "known_groups"; all unless said.
    n_groups : int
        Groups that are compared, of one size, two or more.
    model : {"graded", "gpcm", "pcm", "rsm"}
        What items are calibrated by.
    quality : {"good", "poor"}
        Of the items in Mokken scales: scalability about .4, or hardly above .3.
    rarest : float in (0, 1)
        Share of persons who choose the least chosen option of any item; more options
        have rarer ones.
    expected : dict of str to float in (0, 1), optional
        What is expected of "alpha" (.8), "icc" (.8), "kappa" (.7) and "r" (.7, the
        correlation with a criterion).
    width : dict of str to float in (0, 1), optional
        Whole width of the interval of each: .1 for alpha, .2 for the others.
    difference : float
        Between two known groups, in standard deviations, above zero.
    power, confidence : float in (0, 1)
        Of tests, and of intervals.
    loss : float in [0, 1)
        Share of those asked whose answers will not be usable.

    Returns
    -------
    SampleSizePlan
        A row a rule: n, whom to ask, the reason, the source, what is assumed; `n` is
        the largest.

    Raises
    ------
    InvalidOption
        A section, model, quality or quantity that is not known, or out of its range.
    NotIdentified
        A scale of one item.

    Examples
    --------
    >>> from psychometrics import sample_size_plan
    >>> scales = {"trust": ["t1", "t2", "t3", "t4"], "voice": ["v1", "v2", "v3", "v4"]}
    >>> found = sample_size_plan(scales, sections=["structure", "retest"], loss=0.2)
    >>> found.table["n"].to_dict()
    {'persons an item': 100, 'close fit': 453, 'retest': 51}
    >>> found.n, found.asked
    (453, 567)
    """
    for name, value, known in (
        ("model", model, MODELS),
        ("quality", quality, MOKKEN),
        *(("sections", one, SECTIONS) for one in sections),
    ):
        if value not in known:
            raise InvalidOption(f"{name}: {value!r} is none of {', '.join(known)}")
    if not len(sections):
        raise InvalidOption("sections is empty; name one")
    study = _Study(
        scales=_counted(scales),
        n_groups=n_groups,
        model=model,
        quality=quality,
        rarest=_share("rarest", rarest),
        expected=_shares("expected", EXPECTED, expected),
        width=_shares("width", WIDTH, width),
        power=_share("power", power),
        difference=difference,
        confidence=_share("confidence", confidence),
        z=float(ndtri((1 + confidence) / 2)),
    )
    _check_numbers(n_groups, difference, loss)
    rows = [
        (section, *rule) for section in sections for rule in SECTIONS[section](study)
    ]
    columns = ["section", "rule", "n", "reason", "source", "assumption"]
    table = pd.DataFrame(rows, columns=columns).set_index("rule")
    table.insert(1, "asked", [ceil(n / (1 - loss) - 1e-9) for n in table["n"]])
    table = table[["section", "n", "asked", "reason", "source", "assumption"]]
    table.insert(3, "is_largest", table["n"] == table["n"].max())
    return SampleSizePlan(table=table, loss=loss)


def _counted(scales: Scales) -> dict[str, int]:
    counts = {str(name): len(items) for name, items in scales.items()}
    if not counts:
        raise InvalidOption("scales is empty; name the items of one")
    for name, count in counts.items():
        if count < 2:
            raise NotIdentified(
                f"scale {name} has {count} item; reliability and structure need two"
            )
    return counts


def _shares(
    what: str, usual: dict[str, float], stated: dict[str, float] | None
) -> dict[str, float]:
    for name, value in (stated or {}).items():
        if name not in usual:
            raise InvalidOption(f"{what}: {name!r} is none of {', '.join(usual)}")
        _share(f"{what} {name}", value)
    return usual | (stated or {})


def _share(what: str, value: float) -> float:
    if not 0 < value < 1:
        raise InvalidOption(f"{what} is {value}; it lies between 0 and 1")
    return value


def _check_numbers(n_groups: int, difference: float, loss: float) -> None:
    if n_groups < 2:
        raise InvalidOption(f"n_groups is {n_groups}; groups are compared from two on")
    if not difference > 0:
        raise InvalidOption(f"difference is {difference}; give one above zero")
    if not 0 <= loss < 1:
        raise InvalidOption(f"loss is {loss}; a share below 1")
