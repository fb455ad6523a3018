"""What the question about the care plan settles, by one rule for everything.

Pages, paper, scores, exports, adaptive forms and imports all ask here; the rule is
the form's own (`item_bank.models.Gate.outcome`). A sitting is anything with the
`care_plan`, `wants_plan` and `answers` of an assessment.
"""

from ..bank import Instrument
from .questions import Sitting, questions_of

ASKED, LOWEST, STRUCTURAL = "asked", "lowest", "structural"


def outcome(sitting: Sitting, instrument: Instrument) -> str:
    """What becomes of the items that the gate settles: asked, lowest, structural."""
    if instrument.gate is None:
        return ASKED
    return instrument.gate.outcome(sitting.care_plan, sitting.wants_plan)


def asks_wanted(sitting: Sitting, instrument: Instrument) -> bool:
    """Whether the person is asked if they would want a plan."""
    gate = instrument.gate
    return bool(gate and gate.follow_up and sitting.care_plan == "no")


def settled_items(sitting: Sitting, instrument: Instrument) -> tuple[str, ...]:
    """Ids of the items that the gate answers for this person, in order."""
    gate = instrument.gate
    if gate is None or outcome(sitting, instrument) == ASKED:
        return ()
    not_asked = questions_of(sitting).not_asked_of(instrument)
    return tuple(i for i in gate.when_no if i not in not_asked)


def answered_in_spite(sitting: Sitting, instrument: Instrument) -> tuple[str, ...]:
    """Ids of items with a category though the gate says that there is no plan.

    They are kept. Under a strict gate they count towards no score.
    """
    settled = set(settled_items(sitting, instrument))
    return tuple(
        answer.item_id
        for answer in sitting.answers
        if answer.item_id in settled and answer.value is not None
    )


def uncounted(
    sitting: Sitting, instrument: Instrument
) -> tuple[tuple[str, int | None], ...]:
    """Pairs of item and category that a strict gate keeps and does not score."""
    if instrument.gate is None or not instrument.gate.is_strict:
        return ()
    given = {answer.item_id: answer.value for answer in sitting.answers}
    return tuple((i, given[i]) for i in answered_in_spite(sitting, instrument))


def is_uncertain(sitting: Sitting, instrument: Instrument) -> bool:
    """Whether the score rests on "not sure", so that it is reported both ways."""
    gate = instrument.gate
    return bool(gate and gate.is_uncertain(sitting.care_plan))
