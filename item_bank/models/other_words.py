"""The same questions in other words: languages, and editions such as easy read."""

from dataclasses import dataclass, field

from item_bank.contents import Limits, Source, WordedTexts
from item_bank.models.vocabulary import Versioned


@dataclass(frozen=True)
class Translation:
    """The wordings of one language, keyed by reference, perspective and value."""

    language: str
    name: str
    direction: str
    texts: WordedTexts  # (kind, reference) -> the translated fields and their status


@dataclass(frozen=True)
class Picture:
    """A drawing of our own that stands beside a text, and what it shows in words."""

    id: str
    alternative: str
    svg: str


@dataclass(frozen=True)
class Edition(Versioned):
    """Other words for the same questions, such as easy read, with pictures.

    `texts` holds, by kind and reference, the fields that are worded anew; what is
    not there keeps the words of the form. Answers mean the same in every edition.
    """

    name: str
    language: str
    status: str  # draft, tested or validated
    tested: str  # who has tried it, in words
    forms: tuple[str, ...]  # the instruments that it is complete for
    limits: Limits  # grade: hardest reading grade; words: longest sentence
    plain_words: dict[str, list[str]]  # term of the forms -> what may stand for it
    pictures: dict[str, Picture]  # id -> Picture
    texts: WordedTexts  # (kind, reference) -> the fields worded anew, and pictures
    source: Source
    steps: dict[str, list[int]] = field(default_factory=dict)  # set -> what it offers
