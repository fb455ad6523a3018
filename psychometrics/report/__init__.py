"""The validation report: one document on the properties that COSMIN names."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from ..annotations import Axes, PerPerson, Scales
from ..figures import SHADES, finish, name_rows
from ..results import Result, axes
from .build_section import build_section
from .criteria import Criteria
from .document import Cover, Figure, Outcome, Section, Table, Verdict
from .html import render_html
from .ladder import climb
from .longitudinal import Occasion, read_questions
from .pdf import render_pdf
from .plan import Anchor, Hypothesis, Occasions, Plan, StableAnswer
from .properties import by_property
from .sections import SECTIONS, registration
from .serialise import as_plain
from .settings import settled, settled_groups
from .study import prepare_study

__all__ = [
    "Anchor",
    "Cover",
    "Criteria",
    "Figure",
    "Hypothesis",
    "Occasion",
    "Occasions",
    "Outcome",
    "Plan",
    "Section",
    "StableAnswer",
    "Table",
    "ValidationReport",
    "Verdict",
    "validation_report",
]


@dataclass(frozen=True, eq=False, kw_only=True)
class ValidationReport(Result):
    """Sections with their verdicts, tables and figures, and a cover."""

    _headline = ("sections", "n_persons=cover.n_persons", "n_items=cover.n_items")

    cover: Cover
    sections: tuple[Section, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row a criterion: section, judge, criterion, found, outcome."""
        rows = [
            {"property": section.title, **_shown(verdict)}
            for section in self.sections
            for verdict in section.verdicts
        ]
        columns = ["property", "judge", "criterion", "found", "outcome"]
        frame = pd.DataFrame(rows, columns=columns).astype(str)
        return frame.set_index("property")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many criteria of each property have each outcome."""
        frame = self.to_frame()
        counts = pd.crosstab(frame.index, frame["outcome"])
        counts = counts.reindex(frame.index.unique())
        ax = axes(ax, rows=len(counts))
        at, left = name_rows(ax, counts.index, what="property"), 0 * counts.iloc[:, 0]
        for k, outcome in enumerate(counts):
            shade, hatch = SHADES[k % len(SHADES)]
            style = {"color": shade, "hatch": hatch, "edgecolor": "white"}
            ax.barh(at, counts[outcome], left=left, label=outcome, **style)
            left = left + counts[outcome]
        return finish(ax, self.cover.title, x="criteria", key=True)

    def _about(self) -> Sequence[str]:
        cover = self.cover
        return (
            f"{cover.title}: {cover.n_persons} persons, {cover.n_items} items, "
            f"{cover.source}.",
        )

    def by_property(self) -> pd.DataFrame:
        """One row a property: the verdicts, and whether the sample is large enough."""
        return by_property(self.sections)

    def to_dict(
        self,
    ) -> dict[
        str,
        list[dict[str, list[str] | dict[str, str] | int | str | None]]
        | dict[str, dict[str, str] | int | str],
    ]:
        """The cover, verdicts, tables and figures' numbers as plain values."""
        return as_plain(self)

    def to_html(self) -> str:
        """The whole report as one self-contained page."""
        return render_html(self)

    def to_pdf(self) -> bytes:
        """The whole report as a tagged PDF/UA-1."""
        return render_pdf(self)


def validation_report(
    responses: pd.DataFrame,
    *,
    scales: Scales | None = None,
    reverse: Sequence[str] | None = None,
    categories: tuple[int, int] | None = None,
    groups: PerPerson | bool | None = None,
    background: pd.DataFrame | None = None,
    applies: pd.DataFrame | None = None,
    assumed: pd.DataFrame | None = None,
    in_doubt: pd.Series | None = None,
    as_lowest: pd.DataFrame | None = None,
    variants: pd.Series | None = None,
    retest: Occasion | None = None,
    follow_up: Occasion | None = None,
    population: pd.DataFrame | None = None,
    plan: Plan | None = None,
    estimator: str | None = None,
    seed: int | None = None,
    n_replications: int | None = None,
    missing_reasons: pd.DataFrame | None = None,
    title: str = "Validation report",
    date: str = "",
    source: str = "a table of answers",
    executor: Executor | None = None,
    progress: Callable[[str, int, int], object] | None = None,
) -> ValidationReport:
    """Report on the measurement properties of a set of scales, by COSMIN's boxes.

    The boxes are those of Mokkink et al. (2018), the criteria of Prinsen et al. (2018).

    What is not given is taken from the plan, and what neither says has a default.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number codes, NaN where unanswered; estimates use all pairs. One row a
        person: later answers of the same people are `retest` and `follow_up`.
    scales : dict of str to sequence of str, optional
        The items of each scale; without it, all items are one scale.
    reverse : sequence of str, optional
        Items whose codes are turned round first.
    categories : (int, int), optional
        Lowest and highest code; taken from the data if not given.
    groups : Series, shape (n_persons,), or False, optional
        A group for each person: asks whether the items work alike in each. False
        compares none, whatever the plan says.
    background : DataFrame, optional
        Further columns of the same rows: companion measures, age, mode.
    applies : boolean DataFrame, shape (n_persons, n_items), optional
        False where an item does not apply to a person, or was not asked: it then
        does not count in the half of the items that a score needs.
    assumed : boolean DataFrame, shape (n_persons, n_items), optional
        True where a filter question gave the lowest answer and the person none; the
        report then shows the means without these answers too.
    in_doubt : boolean Series, shape (n_persons,), optional
        The persons who were not sure at that question; nobody unless given.
    as_lowest : boolean DataFrame, shape (n_persons, n_items), optional
        True where a person chose no category but a reason that counts as the lowest,
        such as that it did not happen; the nominal model then shows where it stands.
    variants : Series, shape (n_persons,), optional
        Which variant of the form each person was given: the report compares them.
    retest, follow_up : Occasion, optional
        Later answers of the same people, by the same row labels.
    population : DataFrame, a row a group, optional
        Columns variable, group, count and, if known, invited: what the sample is
        compared with. Variables are columns of `background`.
    plan : Plan, optional
        What was decided beforehand; the report lists where it was departed from.
    estimator : {"wlsmv", "ulsmv", "mlr", "ml"}, optional
        Of the factor models; "wlsmv" unless said.
    seed : int, optional
        For everything that is simulated; 1 unless said.
    n_replications : int, optional
        Samples from each model behind the simulated cut-offs of fit; 0 leaves them
        out. Unless said 100, or 50 with more than 30 items and 25 with more than 50.
    missing_reasons : DataFrame, optional
        Counts by reason, a row an item.
    title, date, source : str
        Printed on the cover; the caller knows the day, and where the answers are from.
    executor : concurrent.futures.Executor, optional
        Where repeated independent fits run; the numbers are the same without.
    progress : callable, optional
        Called with (section title, done, total) as the work goes on.

    Returns
    -------
    ValidationReport
        Cover and sections; `to_html`, `to_pdf` and `to_frame` (a row a verdict).

    Raises
    ------
    InvalidResponses
        When the answers cannot be used; the message names the item.

    Examples
    --------
    >>> from psychometrics import simulate, validation_report
    >>> made = simulate.responses(200, rng=1, loadings=[[0.7]] * 4, thresholds=(-1, 1))
    >>> report = validation_report(made.responses, n_replications=0)
    >>> "200 persons, 4 items" in report.summary()
    True
    """
    given = {"scales": scales, "reverse": reverse, "categories": categories}
    given |= {"seed": seed, "estimator": estimator}
    settings, departures = settled(plan, given)
    groups, others = settled_groups(plan, groups, background)
    study = prepare_study(
        responses,
        **settings,
        groups=groups,
        background=background,
        applies=applies,
        assumed=assumed,
        in_doubt=in_doubt,
        as_lowest=as_lowest,
        variants=variants,
        retest=read_questions(retest, plan),
        follow_up=read_questions(follow_up, plan),
        population=population,
        plan=plan,
        executor=executor,
        n_replications=n_replications,
        missing_reasons=missing_reasons,
        departures=(*departures, *others),
    )
    sections = []
    for done, step in enumerate(SECTIONS):
        if progress is not None:
            progress(step.title, done, len(SECTIONS))
        section = build_section(step, study, sections)
        if section is not None:
            sections.append(section)
    sections = climb(sections)
    sections.insert(0, registration(study, sections))
    if progress is not None:
        progress("done", len(SECTIONS), len(SECTIONS))
    cover = Cover(
        title=title,
        date=date,
        source=source,
        fingerprint=study.fingerprint,
        n_persons=study.n_persons,
        n_items=len(study.items),
        seed=study.seed,
        versions=_versions(),
        plan_fingerprint=plan.fingerprint if plan else "",
    )
    return ValidationReport(cover=cover, sections=tuple(sections))


def _shown(verdict: Verdict) -> dict[str, str]:
    return {k: v for k, v in asdict(verdict).items() if k != "measures"}


def _versions() -> dict[str, str]:
    packages = ("numpy", "scipy", "pandas", "factor_analyzer")
    found = {name: version(name) for name in packages}
    with suppress(PackageNotFoundError):  # run from its folder, not installed
        found["care-planning-survey"] = version("care-planning-survey")
    return {"Python": platform.python_version(), **found}
