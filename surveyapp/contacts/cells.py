"""What a cell of a list of people has to be; ValueError says what is wrong with it."""

import re
from contextlib import suppress
from datetime import date, datetime

import phonenumbers

from ..csv_cells import FORMULA

LONGEST = {"name": 200, "email": 254, "telephone": 40}
LONGEST_OTHER = 100
DATES = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%d %b %Y", "%d %B %Y")
USUAL_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\".]+(\.[^\s@,;<>\".]+)+")
MOBILE = re.compile(r"07[0-9]{9}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
MODES = {"letter": "letter", "post": "letter", "paper": "letter", "email": "email"}
MODES |= {"e-mail": "email", "text": "text", "sms": "text", "telephone": "telephone"}
YES = {"yes", "y", "true", "1", "x"}
NO = {"", "no", "n", "false", "0"}
ASKED_AS = {name: name for name in ("service_user", "carer")}


def safe(field, text):
    """Refuse what a spreadsheet would run, and what is longer than any such thing."""
    begins = FORMULA if field != "telephone" else tuple(c for c in FORMULA if c != "+")
    if text.startswith(begins):
        raise ValueError("a spreadsheet would run this as a formula")
    most = LONGEST.get(field, LONGEST_OTHER)
    if len(text) > most:
        raise ValueError(f"this has more than {most} letters")


def nhs_number(text):
    """Ten digits whose last is right for the others (modulus 11)."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise ValueError("an NHS number has ten digits")
    weighed = sum(int(d) * w for d, w in zip(digits, range(10, 1, -1)))
    if (11 - weighed % 11) % 11 != int(digits[9]):
        raise ValueError("no NHS number: its check digit is not right")
    return digits


def born(text, today):
    """A date of birth: day first, or as ISO writes it; of somebody who can be alive."""
    day = _day(text.removesuffix(" 00:00:00"))
    if day is None:
        raise ValueError("write the date as 31/12/1970")
    if not date(today.year - 120, 1, 1) <= day <= today:
        raise ValueError("nobody who is asked was born then")
    return day


def _day(text):
    """The day that a text names in one of the forms of DATES; None where it does not.

    The first form is read without asking the calendar of the system, which takes long.
    """
    if (usual := USUAL_DATE.fullmatch(text)) is not None:
        with suppress(ValueError):
            return date(*map(int, reversed(usual.groups())))
        return None
    for form in DATES:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()
    return None


def postcode(text):
    """`SW1A 1AA`, however it is spaced."""
    parts = POSTCODE.fullmatch(re.sub(r"\s", "", text.upper()))
    if parts is None:
        raise ValueError("this is no postcode")
    return " ".join(parts.groups())


def telephone(text):
    """A number as it is dialled from anywhere: `+447700900123`."""
    if MOBILE.fullmatch(text):  # as most are written; a long list is full of them
        return f"+44{text[1:]}"
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("this is no telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text):
    """An address of one mailbox."""
    if not EMAIL.fullmatch(text):
        raise ValueError("this is no e-mail address")
    return text


def language(text):
    """The tag of a language."""
    if not LANGUAGE.fullmatch(text):
        raise ValueError("write the language's tag, such as en or pa")
    return text


def yes_or_no(text):
    """Whether it is yes; an empty cell is no."""
    said = text.casefold()
    if said not in YES | NO:
        raise ValueError("write yes or no")
    return said in YES


def one_of(words):
    """A check that a cell is one of these words."""

    def check(text):
        said = text.casefold().replace(" ", "_")
        if said not in words:
            raise ValueError(f"write one of {', '.join(dict.fromkeys(words.values()))}")
        return words[said]

    return check
