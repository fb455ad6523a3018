"""How hard a text is to read: two grade formulas and the words to look at.

Formulas of this kind are a smoke test. They count length, not sense, so a text
that passes still has to be read by people.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIMIT = 7.0
_WORDS = Path(__file__).parent / "words"
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)")


@dataclass(frozen=True)
class Readability:
    """Grades of one text, and its words that are on no easy list."""

    flesch_kincaid: float
    automated: float
    hard_words: tuple[str, ...]

    @property
    def grade(self) -> float:
        """The harder of the two grades."""
        return max(self.flesch_kincaid, self.automated)


@cache
def _listed(name: str) -> tuple[str, ...]:
    lines = (_WORDS / name).read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def syllable_exceptions() -> dict[str, int]:
    """Words whose syllables the rule below miscounts, with the right number."""
    pairs = (line.split() for line in _listed("syllables.txt"))
    return {word: int(number) for word, number in pairs}


@cache
def easy_words() -> frozenset[str]:
    """Words that readers of about ten know; forms in -s, -ed, -ing follow."""
    return frozenset(
        word for line in _listed("easy_words.txt") for word in line.split()
    )


@cache
def syllables(word: str) -> int:
    """Syllables of an English word: groups of vowels, less silent endings."""
    word = word.lower().replace("’", "'")
    word = word.removesuffix("'s") if word.endswith("'s") else word.rstrip("'")
    if "-" in word:
        return sum(syllables(part) for part in word.split("-"))
    if word in syllable_exceptions():
        return syllable_exceptions()[word]
    groups = len(re.findall(r"[aeiouy]+", word))
    silent_e = word.endswith("e") and not re.search(r"([^aeiouy]le|[aeiouy]e)$", word)
    silent_ed = re.search(r"[^aeiouytd]ed$", word) is not None
    silent_es = re.search(r"[^aeiouyscxzg]es$", word) and not word.endswith("les")
    split_vowels = len(re.findall(r"ia[^l]|i[oe]u?[rt]$|eo|iu|uou|ying", word))
    return max(1, groups - bool(silent_e or silent_ed or silent_es) + split_vowels)


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def is_easy(word: str) -> bool:
    """Whether a word, or the word it is a form of, is on the easy list."""
    word = word.lower().replace("’", "'").removesuffix("'s").rstrip("'")
    if "-" in word:
        return all(is_easy(part) for part in word.split("-"))
    stems = {word}
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            stems |= {stem + tail for tail in instead}
            if len(stem) > 2 and stem[-1] == stem[-2]:
                stems.add(stem[:-1])
    return not stems.isdisjoint(easy_words())


_ENDINGS = (
    ("s", ("",)),
    ("es", ("",)),
    ("ies", ("y",)),
    ("ed", ("", "e")),
    ("ied", ("y",)),
    ("ing", ("", "e")),
    ("ly", ("",)),
    ("er", ("", "e")),
    ("est", ("", "e")),
)


def readability(text: str) -> Readability:
    """Grade one text by Flesch-Kincaid (1975) and the automated index (1967).

    Both give the school grade at which a text is understood, from words a
    sentence and syllables (Kincaid et al., 1975) or letters (Smith and Senter,
    1967) a word. Grade 7 is read at about twelve; items aim at nine to eleven.

    Raises
    ------
    ValueError
        If the text holds no word.
    """
    found = words(text)
    if not found:
        raise ValueError("a text without a word has no grade")
    parts = _SENTENCE_END.split(text)
    sentences = max(1, sum(bool(words(part)) for part in parts))
    length = len(found) / sentences
    sounds = sum(map(syllables, found)) / len(found)
    letters = sum(len(re.sub(r"[^A-Za-z]", "", word)) for word in found) / len(found)
    hard = dict.fromkeys(word.lower() for word in found if not is_easy(word))
    return Readability(
        flesch_kincaid=0.39 * length + 11.8 * sounds - 15.59,
        automated=4.71 * letters + 0.5 * length - 21.43,
        hard_words=tuple(hard),
    )
