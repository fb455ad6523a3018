"""What a letter says, for whoever reads it."""

from ..assessments import notices
from ..assessments.notices import Reader
from . import form_texts


def reader_of(choice, *, is_letter=False):
    """Who reads what is printed."""
    return Reader(
        choice.perspective,
        "paper",
        choice.language,
        is_easy=choice.edition == "easy_read",
        is_letter=is_letter,
    )


def letter_text(campaign, form, choice):
    """What a letter says before the ways to answer, as paragraphs."""
    if not notices.is_complete(campaign):
        words = form_texts.words_of(choice.language)
        return (words["invited"], words["choice"])
    given = notices.documents_of(campaign, form, reader_of(choice, is_letter=True))
    return tuple(text for document in given for text in document.body.split("\n\n"))
