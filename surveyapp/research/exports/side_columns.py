"""The columns of an export for questions beside the items, and what is not in them."""

from ... import bank
from ...assessments.side_answers import NO_ANSWER, choosable
from ...csv_cells import csv_text, neutral
from ...plurals import counted

NAME = "small_cells.csv"
HEADER = ["column", "answered", "withheld", "put_together", "smallest_combination"]


def parse_names(text, campaign, perspective):
    """Ids of questions from `a,b`, or all that can be chosen from `all`."""
    if text.strip() == "all":
        form = bank.instrument(campaign.instrument_ref(perspective))
        return tuple(question.id for question in choosable(form))
    return tuple(name.strip() for name in text.split(",") if name.strip())


def meanings(instrument, columns):
    """Rows of the codebook: wording with its version, then each code with its label."""
    for column in columns:
        asked = neutral(column.question.text[instrument.perspective])
        version = column.question.version
        yield [column.id, "", asked, "", "", version]
        for code, label in column.codes.items():
            counts_as = "missing" if code in NO_ANSWER else ""
            yield [column.id, code, neutral(label), counts_as, "", version]


def small_cells(columns, smallest):
    """How many answers are left out of each chosen column, as a file by name."""
    rows = [
        [c.id, c.n_answered, c.n_withheld, int(c.is_broader), smallest]
        for c in columns
        if c.is_identifying
    ]
    return {NAME: csv_text([HEADER, *rows])} if rows else {}


def note(side):
    """What was done so that nobody stands out, in sentences."""
    chosen = [column for column in side.columns if column.is_identifying]
    names = ", ".join(column.id for column in chosen)
    lines = [
        f"Each combination of {names} is shared by "
        f"{counted(side.smallest, 'person', 'people')} or more."
    ]
    for column in chosen:
        what = ["codes put together"] if column.is_broader else []
        if column.n_withheld:
            what.append(f"{counted(column.n_withheld, 'answer')} left out")
        lines += [f"{column.id}: {', '.join(what)}."] if what else []
    return " ".join(lines)
