"""Builds one section, whatever the data are: its caveats, or why there is none."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PsychometricsError, PsychometricsWarning
from .criteria import OURS, rate
from .document import Section

if TYPE_CHECKING:
    from .sections import Step
    from .study import Study


def build_section(
    step: Step, study: Study, sections: Sequence[Section]
) -> Section | None:
    """Build one section; what its estimates warn of becomes a note in it.

    Where nothing can be estimated the section says why and its verdict is
    indeterminate: one scale that cannot be fitted must not cost the whole report.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            section = step.build(study, sections)
        except (PsychometricsError, np.linalg.LinAlgError) as problem:
            section = _not_estimated(step, str(problem))
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


def _not_estimated(step: Step, why: str) -> Section:
    return Section(
        key=step.key,
        title=step.title,
        plain="These answers do not allow it to be estimated.",
        verdicts=(rate(OURS, "it can be estimated", "no result", None, f"{why}."),),
        measures=step.measures,
    )
