"""What a reviewer sees of the bank: each item with its grounds and its life."""

from dataclasses import dataclass

from item_bank.contents import Note
from item_bank.coverage import CoverageRow, matrix
from item_bank.models import PREREQUISITES, Bank, Finding, Item, StatusChange
from item_bank.readability import Readability, readability

FLAG_WORDS = {
    "service_user_others_only": "of service users, only carers and staff said it",
    "service_user_staff_only": "of service users, only staff said it",
    "service_user_therapist_only": "of service users, only therapists said it",
    "service_user_extrapolated": "service users: carried over, to be confirmed",
    "carer_others_only": "of carers, only others said it",
    "carer_staff_only": "of carers, only staff said it",
    "carer_therapist_only": "of carers, only therapists said it",
    "carer_extrapolated": "carers: carried over, to be confirmed",
}


@dataclass(frozen=True)
class ItemReview:
    """One item, with all that is needed to judge it."""

    item: Item
    status: str
    life: tuple[StatusChange, ...]
    findings: tuple[Finding, ...]
    grades: dict[str, Readability]  # perspective -> Readability
    forms: tuple[str, ...]  # references of the instruments that ask it
    notes: tuple[Note, ...]  # what interviews found about it

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags in words."""
        return tuple(FLAG_WORDS[flag] for flag in self.item.flags)

    @property
    def hard_words(self) -> tuple[str, ...]:
        """Words off the easy list, over all wordings for service users and carers."""
        shown = (self.grades[p] for p in self.grades if p != "professional")
        return tuple(dict.fromkeys(w for grade in shown for w in grade.hard_words))


def review_item(bank: Bank, item: Item) -> ItemReview:
    """Gather what the bank knows about one item."""
    return ItemReview(
        item=item,
        status=bank.status(item.ref),
        life=tuple(change for change in bank.life if change.item == item.ref),
        findings=tuple(bank.findings[name] for name in item.evidence),
        grades={who: readability(words) for who, words in item.stem.items()},
        forms=tuple(
            ref for ref, form in sorted(bank.instruments.items()) if item in form.items
        ),
        notes=tuple(
            note
            for log in bank.interviews.values()
            for note in log.notes
            if note["item"] == item.ref
        ),
    )


def review(bank: Bank) -> tuple[dict[str, list[ItemReview]], list[CoverageRow]]:
    """The reviews of all items, by prerequisite, and the coverage of the findings."""
    by_prerequisite = {
        name: [
            review_item(bank, item)
            for _, item in sorted(bank.items.items())
            if item.prerequisite == name
        ]
        for name in PREREQUISITES
    }
    return by_prerequisite, matrix(bank)
