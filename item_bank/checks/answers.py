"""Rules about what can be answered, and how each answer counts."""

import re
from collections.abc import Iterator

from item_bank.checks.registry import found, newest, rule, stems
from item_bank.errors import Problem
from item_bank.models import Bank

CODING = {
    "did_not_happen": "lowest",
    "not_wanted": "structural",
    "not_applicable": "structural",
    "do_not_know": "missing",
    "cannot_remember": "missing",
    "prefer_not_to_say": "missing",
}
# What a person may not have: an item that takes it for granted needs a way out.
ASSUMED = (
    r"plans?|medicines?|hospital|clinic|visits?|appointments?|tests?|gp|symptoms?|"
    r"side effects?|leaflets?|smoking|sexual|disability|housing|letters?|phone|"
    r"internet|email|diagnosis|weight|physical problems?|treatments?|my carer|family"
)
# What staff know or do among themselves cannot be seen by those they care for.
OUT_OF_SIGHT = re.compile(
    r"\b(staff|services?|teams?)\b(?!.*\b(asked|told|showed) (me|us)\b)"
    r".*\b(knew|shared|(talked|spoke|worked) (to|with) each other|same help)\b",
    re.IGNORECASE,
)

# How things are cannot have failed to happen.
HOW_IT_IS = re.compile(r"(I can|I have an?|(My|The) care plan)\b")


@rule
def check_coding(bank: Bank) -> Iterator[Problem]:
    """Each reason is coded as the method says, or the item says why not."""
    for item in bank.items.values():
        for reason, coding in item.reasons.items():
            if coding != CODING[reason]:
                said = f"{reason} is coded {coding}; the method says {CODING[reason]}"
                yield found(bank, "item", item, f"reasons.{reason}", said)


@rule
def check_reasons(bank: Bank) -> Iterator[Problem]:
    """Everyone can say that it did not happen, or that they would rather not say.

    A set of responses without words for the first is for facts and habits, where
    its lowest category says so.
    """
    for item in bank.items.values():
        for reason in ("did_not_happen", "cannot_remember", "prefer_not_to_say"):
            can_say = (
                reason != "did_not_happen" or reason in item.responses.reason_labels
            )
            if can_say and reason not in item.reasons:
                yield found(bank, "item", item, "reasons", f"offer {reason}")


@rule
def check_unobservable(bank: Bank) -> Iterator[Problem]:
    """Who cannot see a thing can say that they do not know it."""
    for item in newest(bank):
        for people, words in item.stem.items():
            is_seen = people == "professional" or not OUT_OF_SIGHT.search(words)
            if not is_seen and "do_not_know" not in item.reasons:
                said = f"offer do_not_know: a {people.replace('_', ' ')} cannot see it"
                yield found(bank, "item", item, "reasons", said)


@rule
def check_reason_words(bank: Bank) -> Iterator[Problem]:
    """An item offers only reasons that its response set puts into words."""
    for item in bank.items.values():
        for reason in item.reasons:
            if reason not in item.responses.reason_labels:
                said = f"{item.responses.ref} has no words for {reason}"
                yield found(bank, "item", item, f"reasons.{reason}", said)


@rule
def check_reason_fits(bank: Bank) -> Iterator[Problem]:
    """How things are is not answered by saying that it did not happen."""
    for item in newest(bank):
        for people, words in item.stem.items():
            if HOW_IT_IS.match(words) and "did_not_happen" in item.reasons:
                said = "says how things are; choose a response set for facts"
                yield found(bank, "item", item, f"stem.{people}", said)


@rule
def check_assumption(bank: Bank) -> Iterator[Problem]:
    """What takes a plan, a medicine or a visit for granted can be set aside."""
    for text in stems(bank):
        if "not_applicable" in text.record.reasons:
            continue
        match = re.search(rf"\b(?:{ASSUMED})\b", text.words, re.IGNORECASE)
        if match:
            said = f"takes {match.group()!r} for granted; offer not_applicable"
            yield found(bank, "item", text.record, text.place, said)


@rule
def check_categories(bank: Bank) -> Iterator[Problem]:
    """Values of a response set run upwards one by one, each with its own label."""
    for responses in bank.response_sets.values():
        values = list(responses.labels)
        if values != list(range(values[0], values[0] + len(values))):
            said = f"{values} do not run upwards one by one, lowest first"
            yield found(bank, "response_set", responses, "labels", said)
        if len(set(responses.labels.values())) < len(values):
            said = "two categories have the same label"
            yield found(bank, "response_set", responses, "labels", said)


@rule
def check_variant(bank: Bank) -> Iterator[Problem]:
    """A variant of a response set has the codes and reasons of what it stands for."""
    seen = set()
    for responses in bank.response_sets.values():
        if not responses.variant:
            continue
        known = bank.response_sets.get(responses.variant["of"])
        if known is None:
            said = f"there is no response set {responses.variant['of']}"
            yield found(bank, "response_set", responses, "variant.of", said)
            continue
        if responses.values != known.values:
            said = f"its categories are not those of {known.ref}"
            yield found(bank, "response_set", responses, "labels", said)
        if set(responses.reason_labels) != set(known.reason_labels):
            said = f"its reasons are not those of {known.ref}"
            yield found(bank, "response_set", responses, "reason_labels", said)
        name = known.ref, responses.variant["letter"]
        if name in seen:
            said = f"{known.ref} has another variant {name[1]}"
            yield found(bank, "response_set", responses, "variant.letter", said)
        seen.add(name)


@rule
def check_options(bank: Bank) -> Iterator[Problem]:
    """A question with choices has options, and one to be typed has none."""
    for question in bank.questions.values():
        has_choices = question.type in ("one", "many")
        if has_choices != bool(question.options):
            said = f"a question of type {question.type} has {len(question.options)}"
            yield found(bank, "question", question, "options", f"{said} options")


@rule
def check_way_out(bank: Bank) -> Iterator[Problem]:
    """Nobody is made to say something about themselves."""
    for question in bank.questions.values():
        if question.options and "rather_not_say" not in question.options:
            said = "add the option rather_not_say"
            yield found(bank, "question", question, "options", said)


@rule
def check_companion(bank: Bank) -> Iterator[Problem]:
    """A companion measure's scales name its items, and its range follows."""
    for measure in bank.companions.values():
        for scale, ids in measure.scales.items():
            unknown = sorted(set(ids) - set(measure.items))
            if unknown:
                said = f"names no item: {', '.join(unknown)}"
                yield found(bank, "companion", measure, f"scales.{scale}", said)
        widest = max(map(len, measure.scales.values()))
        times = widest if measure.scoring == "sum" else 1
        expected = min(measure.labels) * times, max(measure.labels) * times
        if tuple(measure.range) != expected:
            said = f"{list(measure.range)} should be {list(expected)}"
            yield found(bank, "companion", measure, "range", said)
