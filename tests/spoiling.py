"""Texts spoilt in a few places, the same at each run."""

import random
import re

WORD = re.compile(r"[\w.]+")
ODD = ("", "null", "~", "true", "[]", "{}", "-", ":", "- -", "? ", "&a", "*a", "---")
ODD += ("!!set", "!!binary q7x", "%TAG", "<<: *a", "1e999", ".nan", "-.inf", "-1")
ODD += ("0x" + "f" * 40, "9" * 30, "2147483648", "9223372036854775808", "٣²", "'")
ODD += ('"', "\\", "\0", "\x07", "\ufeff", "\u2028", "[" * 40, "a: " * 20, "\t", "\r")
ODD += ("|", ">", "#", "@", "`", "{{7919*7919}}", "=cmd|' /C q7x'!A0", "q7x" * 2000)


def spoilings(text, n):
    """So many texts, each with one to three places cut, put twice, moved or odd."""
    chance = random.Random(20261130)
    for _ in range(n):
        spoilt = text
        for _ in range(chance.randint(1, 3)):
            spoilt = chance.choice((_cut, _put, _twice, _moved, _word))(spoilt, chance)
        yield spoilt


def _place(text, chance):
    start = chance.randrange(len(text) + 1)
    return start, min(len(text), start + chance.choice((1, 3, 10, 60)))


def _cut(text, chance):
    start, end = _place(text, chance)
    return text[:start] + text[end:]


def _put(text, chance):
    start, _ = _place(text, chance)
    return text[:start] + chance.choice(ODD) + text[start:]


def _twice(text, chance):
    start, end = _place(text, chance)
    return text[:end] + text[start:]


def _moved(text, chance):
    lines = text.splitlines(keepends=True)
    if lines:
        lines.insert(
            chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines)))
        )
    return "".join(lines)


def _word(text, chance):
    words = [*WORD.finditer(text)]
    if not words:
        return text
    start, end = chance.choice(words).span()
    return text[:start] + chance.choice(ODD) + text[end:]
