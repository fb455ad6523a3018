"""A paragraph on what was done, ready for a paper, and its references."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...cfa.confirm import ORDINAL
from ...counted import counted
from ..document import Section
from ..references import REFERENCES

if TYPE_CHECKING:
    from ..study import Study

# They stand in a report also where groups were too small, and then say so.
NEED_GROUPS = {"comparability", "differential"}
ESTIMATORS = {
    "wlsmv": "diagonally weighted least squares with a scaled and shifted test",
    "ulsmv": "unweighted least squares with a scaled and shifted test",
    "mlr": "robust maximum likelihood with full information on missing answers",
    "ml": "maximum likelihood with full information on missing answers",
}


def methods(study: Study, earlier: Sequence[Section]) -> Section:
    """What was estimated, how, with which seed; then the sources of what was done."""
    done = {s.key for s in earlier if s.tables or s.key not in NEED_GROUPS}
    said = [_start(study), *_structure(study), *_groups(study, done)]
    said += [sentence for key, sentence in LATER.items() if key in done]
    said.append(_end(study))
    keys = {"always", *done, *({"ordinal"} if study.estimator in ORDINAL else ())}
    return Section(
        key="methods",
        title="How it was done",
        plain=" ".join(said),
        notes=tuple(text for key, text in REFERENCES if key in keys),
    )


def _start(study: Study) -> str:
    start = (
        f"Answers of {study.n_persons} people to {len(study.items)} items in "
        f"{counted(len(study.scales), 'scale')} analysed; estimates used every pair of "
        "items that a person answered."
    )
    if study.plan is None:
        return start + " No plan was stated beforehand."
    return start + (
        " Models, criteria and hypotheses were stated in a plan that was fingerprinted "
        f"before the data were read (SHA-256 {study.plan.fingerprint[:16]}...)."
    )


def _structure(study: Study) -> Iterator[str]:
    rotated = " and rotated by oblimin." if len(study.scales) > 1 else "."
    method = ESTIMATORS.get(study.estimator, study.estimator)
    yield (
        "Polychoric correlations were estimated in two steps. The number of "
        "dimensions was judged by parallel analysis, the empirical Kaiser criterion, "
        "Hull, comparison data and minimum average partial side by side; factors were "
        f"extracted by minimum residuals{rotated}"
    )
    fitted = list(study.rivals.table.index)
    if len(fitted) > 1:
        models = (
            f"Rival confirmatory models ({', '.join(fitted)}) were fitted by {method}; "
            f"the model of {study.intended} was the intended one"
        )
    else:
        models = f"A confirmatory model of {fitted[0]} was fitted by {method}"
    yield f"{models}, and cut-offs of fit were simulated for it beside the fixed ones."
    yield (
        "Alpha has Feldt's interval; scalability has standard errors after Kuijpers "
        "et al.; graded response models were calibrated by marginal maximum "
        "likelihood and judged by M2* or C2, S-X2 and Q3."
    )


def _groups(study: Study, done: set[str]) -> Iterator[str]:
    if study.groups is None:
        return
    over = study.groups.name or "the groups"
    if "comparability" in done:
        yield (
            f"Invariance over {over} was tested by a ladder of equality constraints "
            "with scaled difference tests."
        )
    if "differential" in done:
        yield (
            f"Single items were compared over {over} by ordinal logistic regression "
            "with purification."
        )


LATER = {
    "representativeness": "The sample's make-up was set beside the population's, with "
    "chi-square tests.",
    "reliability": "Reliability over time is ICC(2,1) for absolute agreement between "
    "two occasions, with the standard error of measurement, the smallest detectable "
    "change and limits of agreement.",
    "hypotheses": "Hypotheses stated beforehand were tested by Pearson correlations "
    "with Fisher's z intervals and by Hedges' g.",
    "responsiveness": "Change was summarised by the effect size and the standardised "
    "response mean, and judged by the area under the curve against an anchor; the "
    "minimal important change is by adjusted predictive modelling.",
}


def _end(study: Study) -> str:
    return f"The seed was {study.seed}; versions stand at the end of this document."
