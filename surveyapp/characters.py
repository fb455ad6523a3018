"""Characters that no text here holds, because a database or a reader refuses them.

They are controls (but tab and line ends), halves of surrogate pairs, and code points
that Unicode keeps for no character. None of them shows. They come with what is pasted
from other programs, and PostgreSQL stores no NUL and no half of a pair.
"""

import re

_PLANES = "".join(
    chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(17)
)
_REFUSED = re.compile(
    f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85]")


def is_clean(text):
    """Whether a text can be kept as it is."""
    return text.isascii() and text.isprintable() or not _REFUSED.search(text)


def clean(text):
    """The text with one kind of line end, and without what cannot be kept.

    A vertical tab or a form feed, which word processors put between lines, is a new
    line; the other refused characters are left out.
    """
    if text.isascii() and text.isprintable():
        return text
    return _REFUSED.sub("", _LINE_ENDS.sub("\n", text))


def first_refused(text):
    """The first refused character by number, such as U+0000; None in a clean text."""
    found = _REFUSED.search(text)
    return found and f"U+{ord(found[0]):04X}"


def all_clean(value):
    """Whether every text in a structure of lists and dicts can be kept."""
    if isinstance(value, str):
        return is_clean(value)
    if isinstance(value, dict):
        return all(all_clean(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return all(map(all_clean, value))
    return True


def cleaned(value):
    """A structure of lists and dicts with every text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(part) for part in value]
    return value
