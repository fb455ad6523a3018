"""What a score means and what could be done, as the item bank has it."""

from dataclasses import dataclass

from .. import bank
from ..assessments.labels import PERSPECTIVES
from .walk_back import ground_of

NOT_YET = "Not yet known."


@dataclass(frozen=True)
class ActionTold:
    """One action with what it rests on, for the people whom a page is about."""

    action: object
    whom: str
    grounds: tuple


def meaning(scale):
    """The bank's interpretation of a score, or None where it has none."""
    return bank.interpretations().get(scale)


def smallest_change(scale, of):
    """The smallest change that counts, of a `person` or a `group`, in words."""
    found = meaning(scale)
    change = found.smallest_change.get(of) if found else None
    if change is None:
        return NOT_YET
    return f"{change['points']:g} points ({change['method']}). {change['source']}"


def actions(scale, perspective):
    """Actions for a prerequisite and a perspective; none for other scores."""
    return tuple(
        ActionTold(
            action,
            " and ".join(
                PERSPECTIVES[each].many.lower() for each in action.perspectives
            ),
            tuple(ground_of(name, perspective) for name in action.evidence),
        )
        for action in bank.actions()
        if action.prerequisite == scale and perspective in action.perspectives
    )
