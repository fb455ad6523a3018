"""The columns that lists of people may have, and which of a file's are which."""

from dataclasses import dataclass

from ..csv_cells import csv_text
from ..models.contact_import import CONTACTS


@dataclass(frozen=True)
class Field:
    """One thing that a file may say of a person; `names` are usual column names."""

    label: str
    hint: str
    names: tuple = ()
    of_lists: bool = False


FIELDS = {
    "name": Field(
        "Name", "As on an envelope", ("full name", "patient name", "person"), True
    ),
    "first_name": Field(
        "First name", "Where names are in two columns", ("forename", "given name"), True
    ),
    "last_name": Field(
        "Last name", "Where names are in two columns", ("surname", "family name"), True
    ),
    "date_of_birth": Field(
        "Date of birth",
        "Day, month, year; kept only as a keyed hash",
        ("dob", "birth date", "born"),
        True,
    ),
    "nhs_number": Field(
        "NHS number",
        "Ten digits; kept only as a keyed hash",
        ("nhs", "nhs no", "nhsnumber"),
        True,
    ),
    "address_1": Field("Address, line 1", "", ("address", "address line 1", "street")),
    "address_2": Field("Address, line 2", "", ("address line 2",)),
    "address_3": Field("Address, line 3", "", ("address line 3", "locality")),
    "town": Field("Town", "", ("city", "post town", "address line 4")),
    "postcode": Field("Postcode", "", ("post code", "zip")),
    "email": Field("E-mail", "", ("email address", "e mail")),
    "telephone": Field("Telephone", "", ("phone", "mobile", "tel", "mobile number")),
    "team": Field("Team", "Its name or code", ("team name", "team code")),
    "perspective": Field(
        "Asked as",
        "service_user or carer; who is new is a service_user where it is empty",
        ("role", "answers as"),
    ),
    "language": Field("Language", "Its tag, such as en or pa", ("preferred language",)),
    "mode": Field(
        "Preferred way", "letter, email, text or telephone", ("preferred contact",)
    ),
    "large_print": Field("Large print", "yes or no"),
    "easy_read": Field("Easy read", "yes or no"),
    "do_not_contact": Field("Do not contact", "yes or no", ("opt out", "opted out")),
    "about_name": Field(
        "Cares for: name", "Of carers: so that nobody writes about the dead"
    ),
    "about_date_of_birth": Field("Cares for: date of birth", "Kept as a keyed hash"),
    "about_nhs_number": Field("Cares for: NHS number", "Kept as a keyed hash"),
}


def fields_of(kind):
    """Name -> field of those that a file of this kind may have."""
    is_any = kind == CONTACTS
    return {name: f for name, f in FIELDS.items() if is_any or f.of_lists}


def guessed(header, kind, before=None):
    """Field -> column: as in the file before, or by their usual names."""
    here = {_plain(column): column for column in header if column}
    found = {}
    for name, field in fields_of(kind).items():
        remembered = (before or {}).get(name)
        usual = (here.get(n) for n in (_plain(name), _plain(field.label), *field.names))
        column = remembered if remembered in header else next(filter(None, usual), None)
        if column is not None and column not in found.values():
            found[name] = column
    return found


def problem_of(columns, kind):
    """Why these columns are not enough to know anybody by; None where they are."""
    has = set(columns)
    named = "name" in has or "last_name" in has
    repeated = len(set(columns.values())) < len(columns)
    if repeated:
        return "One column of the file is chosen twice"
    if kind == CONTACTS and not named:
        return "Choose the column with the name"
    if kind != CONTACTS and not (
        "nhs_number" in has or named and "date_of_birth" in has
    ):
        return "Choose the NHS number, or the name and the date of birth"
    return None


def template(kind):
    """An empty file with every column."""
    return csv_text([[*fields_of(kind)]])


def _plain(text):
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
