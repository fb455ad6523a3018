"""Two readings of one paper form: where they differ, and the one that stands."""

from .keying_sheet import COMMENT

WORDS = ("text", "comment")


def differences(sheet, first, second):
    """Fields that two readings do not read alike, in the order of the paper."""
    return [
        field
        for field in sheet.fields.values()
        if _plain(field, first) != _plain(field, second)
    ]


def _plain(field, reading):
    """A reading without what no two people key alike: blanks and capitals in words."""
    code = reading.get(field.name, "")
    return " ".join(code.casefold().split()) if field.kind in WORDS else code


def compared_fields(sheet):
    """How many fields count for the rate of differences: all but the free comment."""
    return [field for field in sheet.fields.values() if field.name != COMMENT]


def agreed_reading(sheet, first, second, resolved):
    """The reading that stands: what both read, or else what was resolved.

    KeyError where a difference has not been resolved.
    """
    differing = {field.name for field in differences(sheet, first, second)}
    return {
        name: resolved[name][0] if name in differing else first.get(name, "")
        for name in sheet.fields
    }
