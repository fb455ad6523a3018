"""Files of earlier answers, as tests make them."""

import csv
import io
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

from surveyapp import bank
from surveyapp.campaigns import import_services, import_work
from surveyapp.campaigns.import_findings import Findings
from surveyapp.database import utc_now

ITEMS = [item.id for item in bank.instrument("short_service_user.v1").items]
ROW = {"date": "2025-03-27", "perspective": "service_user", "mode": "paper"}


def row(n=0, **changes):
    """One person's row with every item answered."""
    answers = {item: str((n + k) % 5) for k, item in enumerate(ITEMS)}
    return {"person": f"p{n}", **ROW, **answers, **changes}


def csv_of(*rows, **columns):
    """The bytes of a file with these rows."""
    header = list(dict.fromkeys(name for each in rows for name in each))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", **columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def file_of(kind, *rows):
    """The bytes of a workbook, or of a statistics program's file, with these rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"round.{kind}"
        if kind == "xlsx":
            _workbook(rows).save(path)
        else:
            frame = pd.DataFrame(rows).fillna("")
            {
                "sav": pyreadstat.write_sav,
                "dta": pyreadstat.write_dta,
                "parquet": pd.DataFrame.to_parquet,
            }[kind](frame, str(path))
        return path.read_bytes()


def _workbook(rows):
    book = openpyxl.Workbook()
    header = list(dict.fromkeys(name for each in rows for name in each))
    book.active.append(header)
    for each in rows:
        book.active.append([each.get(name) for name in header])
    return book


def look_at(session, campaign, raw, *, actor="staff:1", **options):
    """Receive a file and have every row looked at; the import."""
    made = import_services.receive(
        session, campaign, io.BytesIO(raw), actor=actor, now=utc_now(), **options
    )
    import_work.carry_on(session, made.id, actor=actor)
    return made


def found_in(made):
    """What was found in the file of an import."""
    return Findings.read(made.findings)


def confirm(session, made, *, actor="staff:1", good_rows_only=False):
    """Let an import be written."""
    say = {"actor": actor, "now": utc_now(), "agreed": True}
    import_services.confirm(session, made.id, good_rows_only=good_rows_only, **say)


def bring(session, campaign, raw, *, good_rows_only=False, **options):
    """From the file to the end; the import."""
    made = look_at(session, campaign, raw, **options)
    confirm(session, made, good_rows_only=good_rows_only)
    assert import_work.carry_on(session, made.id, actor="staff:1") == "done"
    return made


class Cut(Exception):
    """The work ended before it was done."""


def cut_after(n):
    """A listener to the work's steps that cuts it off at one of them."""
    told = []

    def at_step(*step):
        told.append(step)
        if len(told) > n:
            raise Cut()

    return at_step
