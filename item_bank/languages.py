"""Forms in other languages, and who may be given them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from item_bank.contents import Worded, WordedTexts, Words
from item_bank.errors import BankError, Problem, UnknownReference
from item_bank.lock import parts
from item_bank.models import SOURCE_LANGUAGE, Bank, Instrument, Translation
from item_bank.texts import mapped, source_text, texts, with_texts

STATUSES = ("machine_draft", "translated", "back_translated", "reconciled", "validated")
_ACCENTED = str.maketrans("aceilnorsuyzACEILNORSUYZ", "áçéíłñóřšúýžÁÇÉÍŁÑÓŘŠÚÝŽ")


def accented(text: str) -> str:
    """Accents, and a third more length, so that cut or unmarked text shows."""
    return f"[{text.translate(_ACCENTED)}{' ~' * (len(text) // 6)}]"


def mirrored(text: str) -> str:
    """Each word in a right-to-left override, so that the page has to turn.

    Numbers keep their order, as they do in languages written that way.
    """
    lines = (
        " ".join(_turned(word) for word in line.split(" ") if word)
        for line in text.split("\n")
    )
    return "\n".join(lines)


def _turned(word: str) -> str:
    has_letters = any(letter.isalpha() for letter in word)
    return f"\u202e{word}\u202c" if has_letters else word


@dataclass(frozen=True)
class PseudoLanguage:
    """A made-up language that shows whether a page could hold a real one."""

    name: str
    direction: str
    change: Callable[[str], str]


PSEUDO = {
    "en-XA": PseudoLanguage("[Ácçéñtéd Éñglíšh]", "ltr", accented),
    "ar-XB": PseudoLanguage("Right-to-left English", "rtl", mirrored),
}


# The source language may be asked for without its region.
_SOURCE = SOURCE_LANGUAGE.split("-")[0]


def given_in(bank: Bank, form: Instrument) -> dict[str, str]:
    """Tag -> name of the languages in which a form can be given outside a pilot."""
    return {_SOURCE: "English"} | {
        tag: translation.name
        for tag, translation in bank.translations.items()
        if not any(_not_ready(translation, form, False))
    }


def in_language(
    bank: Bank, form: Instrument, language: str, *, pilot: bool = False
) -> Instrument:
    """The instrument in another language.

    Parameters
    ----------
    language : str
        The tag of a translation in the bank, of a pseudo-language, or of the
        source language.
    pilot : bool
        True only in a campaign that is marked as a pilot of this translation.

    Raises
    ------
    BankError
        If a text has no translation, or if one is not validated and this is no
        pilot of it. Every such text is listed.
    """
    if language in (SOURCE_LANGUAGE, _SOURCE):
        return form
    if language in PSEUDO:
        return _in_pseudo(form, language, pilot)
    if language not in bank.translations:
        known = ", ".join([SOURCE_LANGUAGE, *PSEUDO, *bank.translations])
        raise BankError([Problem("translations", language, f"there are {known}")])
    translation = bank.translations[language]
    problems = list(_not_ready(translation, form, pilot))
    if problems:
        raise BankError(problems)
    turned = with_texts(form, words_of(translation.texts, form))
    return replace(turned, language=language, direction=translation.direction)


def _in_pseudo(form: Instrument, language: str, pilot: bool) -> Instrument:
    if not pilot:
        said = "is made up, and can be given in a pilot only"
        raise BankError([Problem("translations", language, said, "translation")])
    pseudo = PSEUDO[language]
    # As in a real translation, a meaning begins with its term.
    told = {term: f"{term}: {said}" for term, said in form.definitions.items()}
    form = replace(form, definitions=told)
    turned = mapped(form, lambda key, text: pseudo.change(text))
    return replace(turned, language=language, direction=pseudo.direction)


def _not_ready(
    translation: Translation, form: Instrument, pilot: bool
) -> Iterator[Problem]:
    """What stands in the way of giving a form in this language."""
    for kind, ref in dict.fromkeys((kind, record.ref) for kind, record in parts(form)):
        text = translation.texts.get((kind, ref))
        where = f"translations/{translation.language}"
        if text is None:
            yield Problem(where, ref, "is not translated", "translation")
        elif text["status"] != "validated" and not pilot:
            said = f"is only {text['status']}; mark the campaign as a pilot of it"
            yield Problem(where, ref, said, "translation")


def side_by_side(
    bank: Bank, form: Instrument, language: str
) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Rows of kind, reference, place, status, source text and translation.

    A label stands beside the label of the same category value, so that one that
    runs the wrong way is seen. What is not translated has an empty cell.
    """
    if language not in bank.translations:
        raise UnknownReference("translations", language, bank.translations)
    texts_held = bank.translations[language].texts
    pairs = {(kind, record.ref): record for kind, record in parts(form)}
    for (kind, ref), record in pairs.items():
        given = texts_held.get((kind, ref), {})
        for place, text in _flat(source_text(kind, record)):
            turned = dict(_flat(given)).get(place, "")
            yield kind, ref, place, given.get("status", "missing"), text, turned


def _flat(value: Worded | str, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested text as pairs of place and text."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, part in value.items():
        yield from _flat(part, f"{path}.{key}" if path else key)


def words_of(worded: WordedTexts, form: Instrument) -> Words:
    """Texts by kind and reference, complete for a form, under the keys of `texts`."""
    words: Words = {}
    shown = texts(form)
    for kind, record in parts(form):
        text = worded[kind, record.ref]
        words |= _WORDS[kind](text, record.ref, form.perspective)
    return {key: word for key, word in words.items() if key in shown}


def _of_item(text: Worded, ref: str, who: str) -> Words:
    return {f"item.{ref}": text["stem"][who]}


def _of_responses(text: Worded, ref: str, who: str) -> Words:
    labels = {f"label.{ref}.{value}": word for value, word in text["labels"].items()}
    reasons = text["reason_labels"].items()
    return labels | {f"reason.{ref}.{reason}": word for reason, word in reasons}


def _of_question(text: Worded, ref: str, who: str) -> Words:
    options = text.get("options", {}).items()
    words = {f"option.{ref}.{code}": word for code, word in options}
    return words | {
        f"question.{ref}": text["text"][who],
        f"hint.{ref}": text.get("hint", ""),
    }


def _of_document(text: Worded, ref: str, who: str) -> Words:
    return {f"document.{ref}.{part}": text[part] for part in ("title", "body")}


def _of_form(text: Worded, ref: str, who: str) -> Words:
    words = {name: text[name] for name in ("title", "recall", "intro")}
    for term, meaning in text["definitions"].items():
        words[f"definition.{term}"] = meaning
    for block, parts_of_it in text["blocks"].items():
        for part, word in parts_of_it.items():
            words[f"block.{block}.{part}"] = word
    gate = text.get("gate", {})
    return (
        words
        | _of_gate("gate", gate)
        | _of_gate("gate.follow_up", gate.get("follow_up", {}))
    )


def _of_gate(key: str, text: Worded) -> Words:
    options = text.get("options", {}).items()
    words = {f"{key}.option.{code}": word for code, word in options}
    return words | {f"{key}.text": text.get("text", "")}


_WORDS: Mapping[str, Callable[[Worded, str, str], Words]] = {
    "item": _of_item,
    "response_set": _of_responses,
    "question": _of_question,
    "document": _of_document,
    "instrument": _of_form,
}
