"""The validation report: one document on the properties that COSMIN names."""

import platform
import warnings
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version

import pandas as pd

from ..errors import PsychometricsWarning
from ..results import Result, axes
from .document import Cover, Figure, Outcome, Section, Table, Verdict
from .html import render_html
from .pdf import render_pdf
from .sections import SECTIONS
from .study import prepare_study

__all__ = [
    "Cover",
    "Figure",
    "Outcome",
    "Section",
    "Table",
    "ValidationReport",
    "Verdict",
    "validation_report",
]


@dataclass(frozen=True, eq=False)
class ValidationReport(Result):
    """Sections with their verdicts, tables and figures, and a cover."""

    cover: Cover
    sections: tuple[Section, ...]

    def to_frame(self):
        """One row a criterion: section, judge, criterion, found, outcome."""
        rows = [
            {"property": section.title, **asdict(verdict)}
            for section in self.sections
            for verdict in section.verdicts
        ]
        columns = ["property", "judge", "criterion", "found", "outcome"]
        frame = pd.DataFrame(rows, columns=columns).astype(str)
        return frame.set_index("property")

    def plot(self, ax=None):
        """Draw how many criteria of each property have each outcome."""
        ax, frame = axes(ax), self.to_frame()
        counts = pd.crosstab(frame.index, frame["outcome"])
        counts = counts.reindex(frame.index.unique()[::-1])
        counts.plot.barh(stacked=True, ax=ax)
        ax.set(xlabel="criteria", ylabel="", title=self.cover.title)
        return ax

    def _about(self):
        cover = self.cover
        return (
            f"{cover.title}: {cover.n_persons} persons, {cover.n_items} items, "
            f"{cover.source}.",
        )

    def to_dict(self):
        """The cover, verdicts and tables as plain values, for machines."""
        return {
            "cover": asdict(self.cover),
            "sections": [
                {
                    "key": section.key,
                    "plain": section.plain,
                    "verdicts": [asdict(verdict) for verdict in section.verdicts],
                    "tables": {
                        t.name: t.frame.reset_index()
                        .astype(object)
                        .where(lambda f: f.notna(), None)
                        .to_dict("records")
                        for t in section.tables
                    },
                }
                for section in self.sections
            ],
        }

    def to_html(self):
        """The whole report as one self-contained page."""
        return render_html(self)

    def to_pdf(self):
        """The whole report as a tagged PDF/UA-1."""
        return render_pdf(self)


def validation_report(
    responses,
    *,
    scales=None,
    reverse=(),
    categories=None,
    groups=None,
    title="Validation report",
    date="",
    source="a table of answers",
    seed=1,
    executor=None,
    missing_reasons=None,
    progress=None,
):
    """Report on the measurement properties of a set of scales, by COSMIN's boxes.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number codes, NaN where unanswered; estimates use all pairs.
    scales : dict of str to sequence of str, optional
        The items of each scale; without it, all items are one scale.
    reverse : sequence of str
        Items whose codes are turned round first.
    categories : (int, int), optional
        Lowest and highest code; taken from the data if not given.
    groups : Series, optional
        A group for each person: asks whether the items work alike in each.
    date : str
        Printed on the cover; the caller knows the day.
    source : str
        Printed on the cover: where the answers come from.
    seed : int
        For everything that is simulated.
    executor : concurrent.futures.Executor, optional
        Where repeated independent fits run.
    missing_reasons : DataFrame, optional
        A table of counts by reason, printed as it is.
    progress : callable, optional
        Called with (section title, done, total) as the work goes on.

    Raises
    ------
    InvalidResponses
        When the answers cannot be used; the message names the item.
    """
    study = prepare_study(
        responses,
        scales,
        reverse=reverse,
        categories=categories,
        groups=groups,
        seed=seed,
        executor=executor,
        missing_reasons=missing_reasons,
    )
    sections = []
    for done, (name, build) in enumerate(SECTIONS):
        if progress is not None:
            progress(name, done, len(SECTIONS))
        section = _with_caveats(build, study, sections)
        if section is not None:
            sections.append(section)
    if progress is not None:
        progress("done", len(SECTIONS), len(SECTIONS))
    cover = Cover(
        title=title,
        date=date,
        source=source,
        fingerprint=study.fingerprint,
        n_persons=study.n_persons,
        n_items=len(study.items),
        seed=seed,
        versions=_versions(),
    )
    return ValidationReport(cover, tuple(sections))


def _with_caveats(build, study, sections):
    """Build one section; what its estimates warn of becomes a note in it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        section = build(study, sections)
    caveats = []
    for caveat in caught:
        if issubclass(caveat.category, PsychometricsWarning):
            caveats.append(str(caveat.message))
        else:
            warnings.warn_explicit(
                caveat.message, caveat.category, caveat.filename, caveat.lineno
            )
    if section is None or not caveats:
        return section
    return replace(section, notes=(*section.notes, *dict.fromkeys(caveats)))


def _versions():
    packages = ("numpy", "scipy", "pandas", "factor_analyzer")
    found = {name: version(name) for name in packages}
    return {"Python": platform.python_version(), **found}
