"""The report says one thing: no sentence of it contradicts another."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest

from psychometrics import validation_report
from psychometrics.report.document import Outcome, Section, Verdict
from psychometrics.report.ladder import (
    CONSISTENCY,
    DO_NOT_COMPARE,
    INVARIANCE,
    MAY_COMPARE,
    NEEDS,
    NOT_KNOWN,
    STRUCTURE,
    climb,
    standing,
    verdicts_on,
)
from psychometrics.report.properties import by_property

S, I, U = Outcome.SUFFICIENT, Outcome.INSUFFICIENT, Outcome.INDETERMINATE  # noqa: E741
PERMISSIONS = (MAY_COMPARE, DO_NOT_COMPARE, NOT_KNOWN)


def section(measures, published, ours, key="a"):
    """One section with a verdict by each side."""
    verdicts = (
        Verdict(
            judge="COSMIN 2018",
            criterion=f"rule of {measures}",
            found="1",
            outcome=published,
        ),
        Verdict(
            judge="ours", criterion=f"our rule of {measures}", found="1", outcome=ours
        ),
    )
    return Section(
        key=key,
        title=measures,
        plain="What was seen.",
        verdicts=verdicts,
        measures=measures,
    )


def contradictions(sections):
    """What a set of sections says that cannot hold together, in words."""
    table, wrong = by_property(sections), []
    for name, need in NEEDS.items():
        below, own = standing(sections, need), standing(sections, name)
        for whose, outcome in own.items():
            if outcome is S and below[whose] is not S:
                wrong.append(f"{name} sufficient on {need} {below[whose]} by {whose}")
    for name, row in table.iterrows():
        found = standing(sections, name)
        for whose, outcome in found.items():
            if outcome and row[whose] != outcome:
                wrong.append(f"{name}: {row[whose]} in the table, {outcome} below it")
            if outcome and outcome.value not in row["conclusion"]:
                wrong.append(f"{name}: its conclusion does not say {outcome}")
    known = [o for o in standing(sections, INVARIANCE).values() if o]
    allowed = NOT_KNOWN if known else ""
    allowed = DO_NOT_COMPARE if I in known else allowed
    allowed = MAY_COMPARE if known and {*known} == {S} else allowed
    told = [p for s in sections for p in PERMISSIONS if p in s.plain]
    if set(told) - {allowed}:
        wrong.append(f"{told} where {allowed!r} follows")
    said = " ".join(s.plain for s in sections).lower()
    for words in PERMISSIONS:
        if words != allowed:
            said_so = words.lower().rstrip(".") in said
            wrong += [f"{words!r} is said"] if said_so else []
    return wrong


SITUATIONS = list(product((S, I, U), repeat=4))


def test_no_two_sentences_contradict_in_any_situation_of_four_verdicts():
    for structure, ours, consistency, invariance in SITUATIONS:
        made = climb(
            [
                section(STRUCTURE, structure, ours),
                section(CONSISTENCY, consistency, S),
                section(INVARIANCE, invariance, ours),
                section("Interpretability", S, consistency),
            ]
        )
        assert contradictions(made) == [], (structure, ours, consistency, invariance)


def test_the_checker_finds_what_used_to_be_printed():
    told = [section(STRUCTURE, I, I), section(CONSISTENCY, S, S)]
    assert len(contradictions(told)) == 2
    groups = section(INVARIANCE, S, S)
    told = [section(STRUCTURE, S, S), groups]
    assert contradictions(climb(told)) == []
    told[1] = Section(
        key="g",
        title="g",
        plain=DO_NOT_COMPARE,
        verdicts=groups.verdicts,
        measures=INVARIANCE,
    )
    assert contradictions(told) != []


def test_what_rests_on_a_structure_that_failed_is_not_known():
    _, alpha, low = climb(
        [
            section(STRUCTURE, I, S),
            section(CONSISTENCY, I, S),
            section(INVARIANCE, I, S),
        ]
    )
    assert [v.outcome for v in alpha.verdicts] == [U, S]
    assert [v.outcome for v in low.verdicts] == [I, S]
    assert "Structural validity is insufficient" in alpha.verdicts[0].why


def test_a_conclusion_names_the_rung_below_before_what_stands_on_it():
    made = climb([section(STRUCTURE, I, I), section("Interpretability", S, U)])
    conclusion = by_property(made).loc["Interpretability", "conclusion"]
    assert conclusion.endswith("(not decided: it rests on structural validity).")
    made = climb([section(STRUCTURE, I, I), section(INVARIANCE, I, S)])
    assert "not met: rule of" in by_property(made).loc[INVARIANCE, "conclusion"]


def test_the_overview_has_a_conclusion_and_no_count_of_criteria():
    made = climb([section(STRUCTURE, S, I)])
    table = by_property(made)
    assert "criteria met" not in table
    assert table.loc[STRUCTURE, "conclusion"] == (
        "Structural validity is sufficient by the published criteria, insufficient by "
        "ours (not met: our rule of Structural validity)."
    )
    assert made[0].plain.startswith(table.loc[STRUCTURE, "conclusion"])


def answers(rng, n, *, wrong=False, shift=0.0):
    """Two scales of four items; with `wrong` two items measure the other scale."""
    theta = rng.standard_normal((n, 2)) @ np.linalg.cholesky([[1, 0.2], [0.2, 1]]).T
    group = np.arange(n) % 2
    home = np.array([0, 0, 1, 1, 0, 0, 1, 1] if wrong else [0, 0, 0, 0, 1, 1, 1, 1])
    latent = 0.8 * theta[:, home] + 0.6 * rng.standard_normal((n, 8))
    latent[:, :2] += shift * group[:, None]
    names = [f"C{k}" for k in range(1, 9)]  # an item is called C2, as a statistic is
    frame = pd.DataFrame(np.digitize(latent, [-1.0, 0.0, 1.0]) + 1.0, columns=names)
    return frame, {"x": names[:4], "y": names[4:]}, pd.Series(group, name="who")


@pytest.fixture(scope="module")
def planted():
    """Reports on sound answers, on a wrong structure and on items that favour one."""
    situations = {"sound": {}, "wrong": {"wrong": True}, "favour": {"shift": 0.8}}

    def report(options):
        frame, scales, groups = answers(np.random.default_rng(3), 500, **options)
        return validation_report(
            frame, scales=scales, groups=groups, categories=(1, 4), n_replications=0
        )

    return {name: report(options) for name, options in situations.items()}


@pytest.mark.parametrize("situation", ["sound", "wrong", "favour"])
def test_a_report_on_planted_answers_never_contradicts_itself(planted, situation):
    assert contradictions(planted[situation].sections) == []


def test_planted_situations_lead_where_they_should(planted):
    outcomes = {name: r.by_property() for name, r in planted.items()}
    assert outcomes["sound"].loc[STRUCTURE, "ours"] == "sufficient"
    assert outcomes["sound"].loc[CONSISTENCY, "ours"] == "sufficient"
    assert outcomes["wrong"].loc[CONSISTENCY, "ours"] == "indeterminate"
    assert DO_NOT_COMPARE in outcomes["favour"].loc[INVARIANCE, "conclusion"]


def test_equality_is_not_judged_where_the_model_fits_nobody(planted):
    verdicts = verdicts_on(planted["wrong"].sections, INVARIANCE)
    first, *steps = [v for v in verdicts if v.judge == "ours"]
    assert first.criterion.startswith("configural") and first.outcome is U
    named = [v for v in steps if "scaled difference test" in v.criterion]
    assert named and {v.outcome for v in named} == {U}


def test_tables_and_figures_are_numbered_and_counts_are_singular(planted):
    page = planted["sound"].to_html()
    tables, figures = page.count("<table>"), page.count("<figure>")
    assert all(f"<caption>Table {k}. " in page for k in range(1, tables + 1))
    assert all(f"<figcaption>Figure {k}. " in page for k in range(1, figures + 1))
    assert "(s)" not in page and "C2 statistic" in page
    assert "p < .001" in page or "&lt; .001" in page


def tables_of(report):
    """The report's tables by name."""
    return {table.name: table for s in report.sections for table in s.tables}


def test_a_model_that_fits_no_group_leaves_the_comparison_unknown(planted):
    section = next(s for s in planted["wrong"].sections if s.key == "comparability")
    assert {v.outcome for v in section.verdicts} == {U}


def test_what_the_text_tells_one_to_use_is_in_the_report(planted):
    sound, wrong, favour = (
        tables_of(planted[name]) for name in ("sound", "wrong", "favour")
    )
    assert "Modification indices" not in sound and "Partial invariance" not in sound
    indices = wrong["Modification indices"].frame
    assert indices["index"].is_monotonic_decreasing and len(indices) == 10
    path = favour["Partial invariance"].frame
    assert (path["p_before"] < 0.05).all() and len(path)
    effect = favour["Effect on the score of what is not equal"].frame
    assert {*effect.index} == {"x", "y"}
    size = effect["signed"].abs()
    assert (size <= effect["unsigned"] + 1e-9).all() and size.max() > 1


def test_every_source_that_the_text_names_is_in_the_list(planted):
    for report in planted.values():
        page = re.sub(r"<[^>]+>", " ", report.to_html())
        listed = {year for year in re.findall(r"\((\d{4})\)\. ", page)}
        named = {*re.findall(r"[A-Z][a-z]+,? \(?((?:19|20)\d\d)\)", page)}
        assert named <= listed


def test_no_range_has_two_ends_that_read_alike(planted):
    for report in planted.values():
        page = re.sub(r"<[^>]+>", " ", report.to_html())
        for low, high in re.findall(
            r"from (\S+?\d) (?:\([^)]*\) )?to (\S+?\d)\b", page
        ):
            assert low != high
        assert not re.search(r"[+-]0\.000|\b0 people|Of 1 |\bp 0\.|\b1 items", page)
