"""The validation report: what it says of public data, and how it is printed."""

import re
from html.parser import HTMLParser
from importlib.resources import files

import pandas as pd
import pytest

from psychometrics import InvalidResponses, cronbach_alpha, validation_report
from psychometrics.report.study import prepare_study
from tests.golden.reference import BFI_ITEMS, BFI_SCALES, dataset

SCALES = {scale: BFI_SCALES[scale] for scale in "ACN"}
OPTIONS = {"scales": SCALES, "reverse": ("A1", "C4", "C5"), "categories": (1, 6)}


def people():
    """Enough of them for three scales."""
    return dataset("bfi").head(800)


@pytest.fixture(scope="module")
def report():
    return validation_report(
        people()[sum(SCALES.values(), [])],
        **OPTIONS,
        groups=people()["gender"],
        date="1 January 2026",
        source="bfi",
        n_replications=20,
    )


def table(report, section, name):
    (found,) = (s for s in report.sections if s.key == section)
    return next(t.frame for t in found.tables if t.name == name)


def test_alpha_in_the_report_is_the_librarys(report):
    items = people()[BFI_SCALES["N"]]
    shown = table(report, "consistency", "Reliability").loc["N", "alpha"]
    assert shown == pytest.approx(cronbach_alpha(items).alpha, abs=1e-12)


def test_reversed_items_are_turned_before_anything_is_counted(report):
    means = table(report, "items", "Item statistics")["mean"]
    assert means["A1"] == pytest.approx(7 - people()["A1"].mean())


def test_every_figure_has_words_and_every_table_a_caption(report):
    figures = [f for s in report.sections for f in s.figures]
    tables = [t for s in report.sections for t in s.tables]
    assert figures and all(len(f.alt) > 40 and f.caption for f in figures)
    assert tables and all(t.caption and not t.frame.empty for t in tables)


def test_page_stands_alone_and_says_what_it_rests_on(report):
    page = report.to_html()
    fetched = re.findall(r'(?:src|href)="(?!data:|#)([^"]*)"', page)
    assert fetched == []
    assert report.cover.fingerprint in page
    assert page.count("<h1>") == 1 and 'lang="en-GB"' in page


def test_page_closes_what_it_opens(report):
    class Balance(HTMLParser):
        void = {"meta", "img", "br", "link", "hr"}

        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in self.void:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Balance()
    parser.feed(report.to_html())
    assert parser.open == []


def test_pdf_is_tagged_and_titled(report):
    pdf = report.to_pdf()
    assert pdf.startswith(b"%PDF-")
    assert b"/MarkInfo" in pdf and b"/StructTreeRoot" in pdf


def test_same_answers_give_the_same_fingerprint_and_page(report):
    answers, groups = people()[sum(SCALES.values(), [])], people()["gender"]
    again = validation_report(answers, groups=groups, **OPTIONS, n_replications=0)
    assert again.cover.fingerprint == report.cover.fingerprint
    pd.testing.assert_frame_equal(
        table(again, "consistency", "Reliability"),
        table(report, "consistency", "Reliability"),
    )


def test_a_single_other_answer_or_group_changes_the_fingerprint():
    answers = dataset("bfi")[BFI_SCALES["N"]].head(50)
    groups = pd.Series(["a", "b"] * 25, answers.index, name="mode")
    other_answers, other_groups = answers.copy(), groups.copy()
    other_answers.iloc[3, 2] = 7 - other_answers.iloc[3, 2]
    other_groups.iloc[3] = "a"
    read = [(answers, groups), (other_answers, groups), (answers, other_groups)]
    made = {prepare_study(a, groups=g).fingerprint for a, g in read}
    assert len(made) == 3


@pytest.mark.parametrize(
    "change, said",
    [
        ({"scales": {"A": ["A1", "B9"]}}, "no column B9"),
        ({"scales": {"A": ["A1", "A2"], "C": ["C1"]}}, "scale C has 1 item"),
        ({"categories": (1, 5)}, "its categories run from 1 to 5"),
        ({"reverse": ["Z1"]}, "no column Z1"),
    ],
)
def test_a_report_on_what_is_not_there_is_refused(change, said):
    with pytest.raises(InvalidResponses, match=said):
        validation_report(dataset("bfi")[BFI_ITEMS], **change)


def test_groups_are_compared_by_the_ladder_of_invariance(report):
    (section,) = (s for s in report.sections if s.key == "comparability")
    steps = table(report, "comparability", "Invariance").index.tolist()
    assert steps[:3] == ["configural", "thresholds", "loadings"]
    assert len(section.verdicts) == len(steps)  # configural first, then each step
    assert "compare" in section.plain


def test_small_groups_are_not_judged():
    answers = dataset("bfi")[BFI_SCALES["N"]].head(400)
    groups = pd.Series(["a"] * 390 + ["b"] * 10, answers.index, name="mode")
    found = validation_report(answers, groups=groups, n_replications=0)
    (verdict,) = (
        v for s in found.sections if s.key == "comparability" for v in s.verdicts
    )
    assert verdict.outcome == "indeterminate"
    assert "b 10" in verdict.found


def test_rival_models_stand_beside_each_other(report):
    rivals = table(report, "structure", "Rival models")
    assert {"one factor", "correlated factors", "second order"} <= {*rivals.index}
    assert rivals.loc["one factor", "SRMR"] > rivals.loc["correlated factors", "SRMR"]


def test_no_sign_after_a_value_is_lost_in_the_pdf():
    """A semicolon after a value ends it in typst unless it is escaped."""
    source = (files("psychometrics.report") / "template.typ").read_text("utf-8")
    assert re.findall(r"#[\w.]+(?<!\\); ", source) == []
