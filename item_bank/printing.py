"""Print the bank for review: one HTML page, or a tagged PDF."""

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from item_bank.models import Bank
from item_bank.review import ItemReview, review

TEMPLATES = Path(__file__).parent / "templates"
MEMORY = 10  # documents for which typst keeps what an earlier one may share
WHO = {"service_user": "Service user", "carer": "Carer", "professional": "Professional"}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def title_of(prerequisite: str) -> str:
    return prerequisite.replace("_", " ").capitalize()


def to_html(bank: Bank, *, date: str) -> str:
    """The bank as one HTML page: item by item, with evidence, flags and life.

    Parameters
    ----------
    bank : Bank
    date : str
        Printed on the page; the caller says which day it is.
    """
    reviews, coverage = review(bank)
    page = _environment().get_template("bank.html")
    return page.render(
        reviews=reviews,
        coverage=coverage,
        bank=bank,
        date=date,
        who=WHO,
        title_of=title_of,
    )


def to_pdf(bank: Bank, *, date: str) -> bytes:
    """The same as `to_html`, as the bytes of a tagged PDF (PDF/UA-1)."""
    import typst

    reviews, coverage = review(bank)
    data = {
        "date": date,
        "groups": [
            {"title": title_of(name), "items": [_printable(r) for r in entries]}
            for name, entries in reviews.items()
        ],
        "life": [vars(change) for change in bank.life],
        "coverage": [
            {**row, "items": ", ".join(row["items"]) or f"left out: {row['left_out']}"}
            for row in coverage
        ],
    }
    pdf = typst.compile(
        str(TEMPLATES / "bank.typ"),
        sys_inputs={"data": json.dumps(data)},
        pdf_standards="ua-1",
    )
    _free_memory()
    return pdf


def _free_memory() -> None:
    """Let typst free what it laid out, which it keeps for its next ten documents."""
    import typst

    empty = typst.Compiler(ignore_system_fonts=True)
    for _ in range(MEMORY + 1):
        empty.compile(b"", format="svg")


def _printable(entry: ItemReview) -> dict[str, str | list[list[str]]]:
    """One review as plain text fields, for the PDF."""
    item = entry.item
    coded = (f"{reason} ({coding})" for reason, coding in item.reasons.items())
    return {
        "ref": item.ref,
        "stems": [[WHO[who], words] for who, words in item.stem.items()],
        "facts": [
            ["Status", entry.status],
            ["Asks about", f"{item.facet}; expected level {item.level}"],
            ["Categories", " / ".join(item.responses.labels.values())],
            ["Reasons", "; ".join(coded)],
            ["Evidence", " ".join(f"{f.id}: {f.says}" for f in entry.findings)],
            ["Flags", "; ".join(entry.flags) or "none"],
            ["Grade", _grades(entry)],
            ["Words to look at", ", ".join(entry.hard_words) or "none"],
            ["Exceptions", "; ".join(f"{k}: {v}" for k, v in item.exceptions.items())],
            ["Forms", ", ".join(entry.forms) or "none"],
        ],
    }


def _grades(entry: ItemReview) -> str:
    shown = entry.grades.items()
    return "; ".join(f"{WHO[who]} {measured.grade:.1f}" for who, measured in shown)
