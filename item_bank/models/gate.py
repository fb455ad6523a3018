"""The question that settles whether others are asked, and what becomes of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GateFollowUp:
    """What is asked of who has none: whether they would want one."""

    id: str
    text: str
    options: dict[str, str]  # yes, no, not_sure -> label
    structural: tuple[str, ...]  # the answers after which the items do not apply


@dataclass(frozen=True)
class Gate:
    """The question that may settle the answers to one prerequisite."""

    id: str
    text: str
    options: dict[str, str]  # yes, no, not_sure -> label
    prerequisite: str  # whose items it settles
    when_no: tuple[str, ...]  # ids of the items that it settles
    follow_up: GateFollowUp | None = None
    when_not_sure: str = "asked"  # or lowest

    @property
    def is_strict(self) -> bool:
        """Whether answers given in spite of the gate are kept and never scored.

        The first edition let them stand.
        """
        return self.follow_up is not None

    def outcome(self, answer: str | None, wanted: str | None = None) -> str:
        """What becomes of the items that the gate settles, for one person.

        Parameters
        ----------
        answer, wanted : str, optional
            Codes of the options chosen at the gate and at its follow-up; None for
            one that was left out or never asked.

        Returns
        -------
        str
            `asked`: the items are asked, and count as they are answered. `lowest`:
            they are not asked, and count as the lowest category. `structural`: they
            are not asked and do not apply.
        """
        if answer == "no":
            is_apart = self.follow_up and wanted in self.follow_up.structural
            return "structural" if is_apart else "lowest"
        return self.when_not_sure if answer == "not_sure" else "asked"

    def is_uncertain(self, answer: str | None) -> bool:
        """Whether the outcome rests on a "not sure", which is reported both ways."""
        return answer == "not_sure" and self.when_not_sure != "asked"
