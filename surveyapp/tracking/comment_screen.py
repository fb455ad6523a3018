"""What in a comment may tell who somebody is, marked for the person who reads it.

Marks are hints and hide nothing: names in small letters, nicknames and what happened
to somebody are for a person to notice.
"""

import re
from dataclasses import dataclass

NAME, NUMBER, ADDRESS, TELEPHONE, EMAIL = (
    "a name",
    "a number or a date",
    "an address",
    "a telephone number",
    "an email or web address",
)
COUNTRY = "GB"
WEB = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|(?<![\w@])@\w{2,}"
)
POSTCODE = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}\b")
KINDS_OF_STREET = (
    "street|road|avenue|lane|close|drive|court|crescent|terrace|gardens|grove|house|"
    "way|st|rd|ave"
)
STREET = re.compile(
    rf"\b\d+[a-z]?,? (?:[A-Za-z'’]+ ){{1,3}}(?i:{KINDS_OF_STREET})\b"
    rf"|\b(?:[A-Z][\w'’]* )+(?i:{KINDS_OF_STREET})\b"
)
DIGITS = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)?[ ./-](?:\d{1,2}|[A-Za-z]{3,9})[ ./-]\d{2,4}\b"
    r"|\b\d(?:[ ./-]?\d){3,}\b|\b[A-Za-z]{2}\d{6}[A-Za-z]?\b"
)
TITLED = re.compile(
    r"\b(?i:dr|mr|mrs|ms|miss|mx|prof|professor|sir|nurse|sister|matron|doctor|aunt|"
    r"auntie|uncle)\b\.? +([A-Za-z][\w'’-]+(?: +[A-Z][\w'’-]+)?)"
)
INTRODUCED = re.compile(
    r"\b(?i:my name is|i am called|called|named|known as)\s+([A-Za-z][\w'’-]+)"
)
CAPITAL = re.compile(r"[^\W\d_][\w'’-]*")
# Written with a capital wherever they stand, and nobody's name.
COMMON = frozenset(
    """I I'm I'd I've I'll I’m I’d I’ve I’ll NHS GP GPs CPN CPNs CMHT CAMHS CQC CPA CTO
    PIP ESA DWP DNA ECG MRI BMI HIV ADHD PTSD OCD BPD EUPD COVID Covid A E UK England
    Wales Scotland Ireland Britain English Welsh British Monday Tuesday Wednesday
    Thursday Friday Saturday Sunday January February March April May June July August
    September October November December Christmas Easter God OK Ok TV""".split()
)
ENDS = '.!?:;\n•-–—"“('


@dataclass(frozen=True)
class Part:
    """A piece of a comment; `kind` says what it may be, empty where nothing."""

    text: str
    kind: str = ""


def screen(text):
    """A comment in pieces, in order; put together they are the comment again."""
    parts, at = [], 0
    for start, end, kind in _apart(_found(text)):
        if start > at:
            parts.append(Part(text[at:start]))
        parts.append(Part(text[start:end], kind))
        at = end
    if at < len(text):
        parts.append(Part(text[at:]))
    return tuple(parts)


def kinds(text):
    """What a comment may hold, each kind once, in the order of the text."""
    return tuple(dict.fromkeys(part.kind for part in screen(text) if part.kind))


def _found(text):
    """(Start, end, kind) of whatever may tell who somebody is; some overlap."""
    for match in WEB.finditer(text):
        yield *match.span(), EMAIL
    yield from _telephones(text)
    for match in POSTCODE.finditer(text):
        yield *match.span(), ADDRESS
    for match in STREET.finditer(text):
        yield *match.span(), ADDRESS
    for match in DIGITS.finditer(text):
        yield *match.span(), NUMBER
    for pattern in (TITLED, INTRODUCED):
        for match in pattern.finditer(text):
            yield *match.span(1), NAME
    yield from _names(text)


def _telephones(text):
    """Numbers that could be dialled here, by the published numbering plans."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    found = PhoneNumberMatcher(text, COUNTRY, leniency=Leniency.POSSIBLE)
    for match in found:
        if sum(c.isdigit() for c in match.raw_string) >= 9:
            yield match.start, match.end, TELEPHONE


def _names(text):
    """Words with a capital inside a sentence, which are no common ones."""
    for match in CAPITAL.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        before = text[: match.start()].rstrip(" ")
        begins = not before or before[-1] in ENDS
        is_common = word in COMMON or word.removesuffix("s") in COMMON
        if word[0].isupper() and not (begins or is_common or len(word) == 1):
            yield match.start(), match.start() + len(word), NAME


def _apart(found):
    """What does not overlap: the first, and of those that begin alike the longest."""
    order = [EMAIL, TELEPHONE, ADDRESS, NUMBER, NAME]
    end = 0
    for span in sorted(found, key=lambda f: (f[0], order.index(f[2]), -f[1])):
        if span[0] >= end:
            yield span
            end = span[1]
