"""What was handed over is not kept: a server makes forms and reports for months."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import item_bank
from item_bank.printing import to_pdf as print_bank
from psychometrics import validation_report
from surveyapp import bank, typesetting
from surveyapp.paper import printing
from surveyapp.paper.form_layout import TEMPLATE, Style, set_form

from .counting import megabytes
from .surveyapp.paper.test_boxes_and_ink import SENDER


def report():
    """Writes a small report."""
    rng = np.random.default_rng(1)
    noisy = rng.normal(size=(120, 1)) + rng.normal(size=(120, 4))
    answers = pd.DataFrame(np.digitize(noisy, [-1, 0, 1]), columns=[*"abcd"])
    made = validation_report(answers, scales={"s": [*"abcd"]})
    return lambda day: made.to_pdf()


def forms():
    """Prints paper forms, with other secrets each time."""
    style = Style("standard", "en", "ltr", SENDER)
    once = set_form(bank.instrument("short_service_user.v1"), style)

    def write(day):
        secrets = [printing.Secrets.new() for _ in range(5)]
        copies = [style.copy(each, form=once, place=0) for each in secrets]
        typesetting.to_pdf(TEMPLATE, style.data([once.elements], copies), date=day)

    return write


def whole_bank():
    """Prints the bank for review."""
    loaded = item_bank.load()
    return lambda day: print_bank(loaded, date=f"{day}")


@pytest.mark.parametrize("prepare", [report, forms, whole_bank])
def test_a_document_leaves_nothing_in_memory(prepare):
    write = prepare()
    write(date(2026, 11, 1))  # what all documents share stays: fonts, templates
    before = megabytes()
    for day in (2, 3, 4, 5):
        write(date(2026, 11, day))
    assert megabytes() - before < 20
