"""One ladder of verdicts: what each property rests on, and what may be concluded.

A property stands on its rung only where the rung below holds. Alpha of items that
measure several things, equality over groups of a model that fits nobody, and the
meaning of a score without a structure are not known, whatever their numbers. Every
sentence of conclusion is made here, from the same verdicts as the overview.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .document import Outcome, Section, Verdict

STRUCTURE = "Structural validity"
CONSISTENCY = "Internal consistency"
INVARIANCE = "Measurement invariance"
INTERPRETABILITY = "Interpretability"
ONE_SCORE = "One score over all scales"

NEEDS = {
    CONSISTENCY: STRUCTURE,
    INVARIANCE: STRUCTURE,
    INTERPRETABILITY: STRUCTURE,
    ONE_SCORE: STRUCTURE,
}
# COSMIN (2018): indeterminate unless structure is sufficient, be alpha high or low.
NOT_EVEN_INSUFFICIENT = (CONSISTENCY,)
SIDES = ("published criteria", "ours")
OURS = "ours"

MAY_COMPARE = "Scores may be compared over the groups."
DO_NOT_COMPARE = "Do not compare the scores of the groups."
NOT_KNOWN = "It is not known whether the groups' scores can be compared."


def side(verdict: Verdict) -> str:
    """Whose reading a verdict is, as a column of the overview."""
    return SIDES[verdict.judge == OURS]


def property_of(section: Section, verdict: Verdict) -> str:
    """The property that a verdict is about: its own, else that of its section."""
    return verdict.measures or section.measures


def verdicts_on(sections: Sequence[Section], name: str) -> list[Verdict]:
    """All verdicts on one property."""
    return [v for s in sections for v in s.verdicts if property_of(s, v) == name]


def worst(verdicts: Sequence[Verdict]) -> Outcome | None:
    """Insufficient where any is, else indeterminate where any is; None of none."""
    found = {verdict.outcome for verdict in verdicts}
    order = (Outcome.INSUFFICIENT, Outcome.INDETERMINATE, Outcome.SUFFICIENT)
    return next((outcome for outcome in order if outcome in found), None)


def standing(sections: Sequence[Section], name: str) -> dict[str, Outcome | None]:
    """{whose criteria: outcome} of one property."""
    verdicts = verdicts_on(sections, name)
    return {s: worst([v for v in verdicts if side(v) == s]) for s in SIDES}


def climb(sections: Sequence[Section]) -> list[Section]:
    """The sections with each verdict on its rung, and the conclusion of each property.

    A verdict whose precondition does not hold by the same criteria is indeterminate
    and says so. The conclusion opens the first section about its property.
    """
    below = {name: standing(sections, need) for name, need in NEEDS.items()}
    climbed = [
        replace(s, verdicts=tuple(_on_its_rung(s, v, below) for v in s.verdicts))
        for s in sections
    ]
    told = set()
    for place, section in enumerate(climbed):
        name = section.measures
        if name and name not in told:
            told.add(name)
            plain = f"{conclusion(climbed, name)} {section.plain}".strip()
            climbed[place] = replace(section, plain=plain)
    return climbed


def _on_its_rung(section: Section, verdict: Verdict, below: dict) -> Verdict:
    name = property_of(section, verdict)
    if name not in NEEDS or _holds(below[name][side(verdict)]):
        return verdict
    kept = {Outcome.INDETERMINATE}
    if name not in NOT_EVEN_INSUFFICIENT:
        kept.add(Outcome.INSUFFICIENT)
    if verdict.outcome in kept:
        return verdict
    found = below[name][side(verdict)]
    why = f"{rests_on(name)} {found or 'not assessed'} by the same criteria."
    why = f"{verdict.why} {why}".strip()
    return replace(verdict, outcome=Outcome.INDETERMINATE, why=why)


def rests_on(name: str) -> str:
    """How every sentence begins that gives the rung below as the reason."""
    return f"{NEEDS[name]} is"


def _holds(found: Outcome | None) -> bool:
    return found is Outcome.SUFFICIENT


def conclusion(sections: Sequence[Section], name: str) -> str:
    """One sentence, or two, on a property: what holds, and what keeps it from more."""
    found = standing(sections, name)
    known = {whose: outcome for whose, outcome in found.items() if outcome}
    if not known:
        return f"{name} was not judged."
    said = f"{name} is {_by(known)}{_because(sections, name)}."
    return f"{said} {permission(found)}" if name == INVARIANCE else said


def permission(found: dict[str, Outcome | None]) -> str:
    """Whether groups may be compared, by the standing of measurement invariance."""
    known = [outcome for outcome in found.values() if outcome]
    if Outcome.INSUFFICIENT in known:
        return DO_NOT_COMPARE
    return MAY_COMPARE if {*known} == {Outcome.SUFFICIENT} else NOT_KNOWN


def _by(known: dict[str, Outcome]) -> str:
    words = {"published criteria": "the published criteria", "ours": "ours"}
    outcomes = list(dict.fromkeys(known.values()))
    if len(outcomes) == 1:
        return f"{outcomes[0]} by {' and by '.join(words[w] for w in known)}"
    return ", ".join(f"{outcome} by {words[w]}" for w, outcome in known.items())


def _because(sections: Sequence[Section], name: str) -> str:
    """The first criterion that keeps a property from being sufficient."""
    short = [
        v for v in verdicts_on(sections, name) if v.outcome is not Outcome.SUFFICIENT
    ]
    if not short:
        return ""
    is_failed = any(v.outcome is Outcome.INSUFFICIENT for v in short)
    is_blocked = name in NEEDS and any(rests_on(name) in v.why for v in short)
    if is_blocked and not is_failed:
        return f" (not decided: it rests on {NEEDS[name].lower()})"
    first = min(short, key=lambda v: v.outcome is not Outcome.INSUFFICIENT)
    verb = "not met" if first.outcome is Outcome.INSUFFICIENT else "not decided"
    alike = sum(v.outcome is first.outcome for v in short) - 1
    more = "" if not alike else f", and {'one' if alike == 1 else alike} more"
    undecided = len(short) - alike - 1
    open_ = f"; not decided: {undecided}" if undecided else ""
    return f" ({verb}: {first.criterion}{more}{open_})"
