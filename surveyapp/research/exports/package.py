"""An export as files: the formats that were chosen, their codebook and dictionary."""

from dataclasses import dataclass

from ...csv_cells import csv_text, neutral
from ...errors import InvalidAnswers
from ...plurals import counted
from ...table_files.spss_and_stata_names import spss_missing, stata_missing, stata_name
from . import dictionary, fhir_bundle, layouts
from .parquet_writing import parquet, scripts
from .variables import variables_of

FORMATS = {
    "csv": "CSV",
    "xlsx": "Excel (.xlsx)",
    "sav": "SPSS (.sav)",
    "dta": "Stata (.dta)",
    "parquet": "Parquet, with scripts that read it in R and in Python",
    "fhir": "FHIR R4 (a bundle of QuestionnaireResponse)",
}


@dataclass(frozen=True)
class About:
    """What an export says of itself."""

    title: str
    perspective: str
    purpose: str
    layout: str
    n: int  # assessments
    statement: object  # what was done so that nobody stands out
    n_duplicates: int = 0  # sent, and not here, since another sending counts

    @property
    def lines(self):
        yield f"{self.title}, {self.perspective.replace('_', ' ')}"
        yield f"{self.purpose}."
        people = counted(self.statement.n_people, "person", "people")
        yield f"{counted(self.n, 'assessment')} of {people}. {self.layout}."
        yield (
            f"{counted(self.n_duplicates, 'form')} sent twice by one invitation "
            f"{'is' if self.n_duplicates == 1 else 'are'} left out."
        )
        yield from self.statement.lines

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"


def check(formats, layout):
    """Raise InvalidAnswers unless both are among those that there are."""
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InvalidAnswers({"formats": "Choose at least one format"})
    if layout not in layouts.LAYOUTS:
        raise InvalidAnswers({"layout": "Choose how the rows are laid out"})


def files_of(made, about, instrument, *, formats, layout):
    """Name -> bytes of everything that an export holds.

    `made` has rows of `answers` and `meanings`, header first, the text of the
    `scales`, and texts by name that lie `beside`.
    """
    answers, meanings = made.answers, made.meanings
    if layout == "wide":
        answers, meanings = layouts.wide(answers, meanings)
    table = variables_of(answers, meanings)
    codebook = with_codes(table, meanings)
    write = {
        "csv": lambda: csv_text([table.header, *table.rows]),
        "xlsx": lambda: _excel(table, codebook),
        "sav": lambda: _labelled("sav", table, about.title),
        "dta": lambda: _labelled("dta", table, about.title),
        "parquet": lambda: parquet(table),
    }
    files = {f"responses.{name}": write[name]() for name in formats if name in write}
    if "fhir" in formats:
        long = variables_of(made.answers, made.meanings)
        files["responses.fhir.json"] = fhir_bundle.text(long, instrument)
    if "parquet" in formats:
        files |= scripts()
    files |= {
        "codebook.csv": csv_text(codebook),
        "dictionary.html": dictionary.html(table, about),
        "about.txt": about.text,
        "scales.yaml": made.scales,
        **made.beside,
    }
    return {name: _bytes(content) for name, content in files.items()}


def with_codes(table, meanings):
    """The codebook with how each column and code is written in SPSS and in Stata."""
    names, *rows = meanings
    column, code = names.index("column"), names.index("code")
    known = {variable.name: variable for variable in table.variables}
    made = [[*row, *_elsewhere(known.get(row[column]), str(row[code]))] for row in rows]
    return [[*names, "measure", "spss_code", "stata_code", "stata_name"], *made]


def _elsewhere(variable, code):
    if variable is None:
        return ["", "", "", ""]
    if not code:
        return [variable.measure, "", "", stata_name(variable.name)]
    if code not in variable.missing:
        return ["", neutral(code), neutral(code), ""]
    # A spreadsheet takes -93 for a number, which it is.
    return ["", spss_missing(code), f".{stata_missing(code)}", ""]


def _labelled(kind, table, title):
    from . import labelled_writing

    return getattr(labelled_writing, kind)(table, title)


def _excel(table, codebook):
    from .workbook import xlsx

    return xlsx(table, codebook)


def _bytes(content):
    return content if isinstance(content, bytes) else content.encode()
