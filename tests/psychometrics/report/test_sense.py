"""What a sceptical reader asks of each sentence: of these answers, is it so?"""

import re

import numpy as np
import pandas as pd
import pytest

from psychometrics import validation_report
from psychometrics.report.document import Outcome, Section, Verdict
from psychometrics.report.ladder import STRUCTURE, climb
from psychometrics.report.words import beside


def answers(n, *, turned=()):
    """Two scales of four items, with names that symbols of the report have too."""
    rng = np.random.default_rng(8)
    theta = rng.standard_normal((n, 2)) @ np.linalg.cholesky([[1, 0.3], [0.3, 1]]).T
    latent = 0.75 * np.repeat(theta, 4, axis=1) + 0.66 * rng.standard_normal((n, 8))
    names = ["b1", "b2", "b3", "b4", "F1", "F2", "C1", "C2"]
    frame = pd.DataFrame(np.digitize(latent, [-1.0, 0.0, 1.0]) + 1.0, columns=names)
    for item in turned:
        frame[item] = 5 - frame[item]
    return frame, {"x": names[:4], "y": names[4:]}


def report(n, groups, **options):
    frame, scales = answers(n, **options)
    who = pd.Series(groups(np.arange(n)), name="who")
    return validation_report(
        frame, scales=scales, groups=who, categories=(1, 4), n_replications=0
    )


@pytest.fixture(scope="module")
def reports():
    """On few people in small groups with an item turned, and on enough in two."""
    return {
        "few": report(140, lambda n: np.where(n < 60, "user", "carer"), turned=["b2"]),
        "enough": report(440, lambda n: np.where(n < 220, "user", "carer")),
    }


def texts(made):
    """Every sentence of a report: of its sections, verdicts, tables and figures."""
    for s in made.sections:
        yield s.plain
        yield from s.notes
        for verdict in s.verdicts:
            yield from (verdict.criterion, verdict.found, verdict.why)
        yield from (table.caption for table in s.tables)
        for figure in s.figures:
            yield from (figure.caption, figure.alt)


def section(made, key):
    return next(s for s in made.sections if s.key == key)


def table(made, name):
    return next(t for s in made.sections for t in s.tables if t.name == name)


@pytest.mark.parametrize("which", ["few", "enough"])
def test_no_count_is_of_one_things_or_says_what_nobody_can_do(reports, which):
    for text in texts(reports[which]):
        one_of = re.search(r"(?<![\w.])1 (?!of )([a-z]+[^s\W]s)\b", text)
        assert not one_of or one_of[1].endswith(("ss", "us")), text
        assert not re.search(r"raise n_max|: not compared: 0|\bnan\b|\bNone\b", text)
        assert "the first group" not in text and "reference group" not in text


def test_what_was_not_done_is_not_told_as_done(reports):
    few, enough = (section(reports[w], "methods") for w in ("few", "enough"))
    for said, source in (
        ("ladder of equality constraints", "Wu H, Estabrook R"),
        ("ordinal logistic regression", "Zumbo"),
    ):
        assert said in enough.plain and any(source in n for n in enough.notes)
        assert said not in few.plain and not any(source in n for n in few.notes)


def test_an_item_that_goes_against_its_scale_is_named_where_items_are_read(reports):
    plain = section(reports["few"], "items").plain
    assert re.search(r"b2 \(-0\.\d\d\) goes against the other items", plain)
    assert "goes against" not in section(reports["enough"], "items").plain
    plain = section(reports["few"], "response_model").plain
    assert not plain.startswith("b2 tells people apart least")
    assert "b2 goes against the other items of the scale" in plain


def test_no_symbol_of_a_table_is_the_name_of_an_item(reports):
    for made in reports.values():
        items = {*table(made, "Item statistics").frame.index}
        for one in (t for s in made.sections for t in s.tables):
            assert not items & {*map(str, one.frame.columns)}, one.name


def test_differences_say_between_whom_and_in_one_direction(reports):
    made = reports["enough"]
    for name in ("Differential item functioning", "Effect on the score"):
        assert "user minus carer" in table(made, name).caption
    assert list(section(made, "comparability").figures)  # groups were compared
    small = section(reports["few"], "comparability").verdicts[0].found
    assert small == "carer 80, user 60"


def test_caveats_about_many_people_are_for_many(reports):
    notes = " ".join(section(reports["few"], "response_fit").notes)
    assert "With many people" not in notes and "With few people" in notes


def test_the_caveat_about_one_factor_stands_where_one_was_found(reports):
    exploration = section(reports["enough"], "exploration")
    counts = table(reports["enough"], "Number of factors").frame["n_factors"]
    for note in exploration.notes:
        rule, _, said = note.partition(": ")
        if "one factor here" in said:
            assert counts[rule] == 1


def test_a_figure_shows_on_which_side_of_its_bound_it_lies():
    assert beside(0.2041, 0.2) == "0.204" and beside(0.2, 0.2) == "0.20"
    assert beside(0.69999, 0.7) == "0.69999" and beside(0.81, 0.7) == "0.81"
    assert beside(0.05791, 0.0582, 3) == "0.0579"
    assert beside(float("nan"), 0.7) == "nan"


def test_criteria_that_are_not_decided_are_not_counted_as_not_met():
    outcomes = (Outcome.INSUFFICIENT,) * 2 + (Outcome.INDETERMINATE, Outcome.SUFFICIENT)
    verdicts = tuple(
        Verdict(judge="ours", criterion=f"rule {k}", found="1", outcome=outcome)
        for k, outcome in enumerate(outcomes)
    )
    made = Section(key="a", title="a", plain="", verdicts=verdicts, measures=STRUCTURE)
    (climbed,) = climb([made])
    assert "(not met: rule 0, and one more; not decided: 1)" in climbed.plain
