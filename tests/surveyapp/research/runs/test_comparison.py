"""Figures and outcomes of two reports: what both have, and what one has alone."""

import pytest

from surveyapp.research.runs import comparison
from surveyapp.research.runs.choices import Choices

from .... import factories

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


def report(verdicts, *tables):
    return {
        "sections": [
            {
                "key": "consistency",
                "verdicts": [
                    {"criterion": name, "outcome": outcome}
                    for name, outcome in verdicts.items()
                ],
                "tables": {str(n): rows for n, rows in enumerate(tables)},
            }
        ]
    }


FIRST = report(
    {"alpha": "sufficient", "fit": "sufficient", "H": "sufficient"},
    [{"scale": "trust", "items": 5, "alpha": 0.8}, {"scale": "parity", "alpha": 0.7}],
    [{"model": "one factor", "CFI": 0.9, "p": 0.2}],
    [{"item": "trust_listened", "alpha": 0.1}, {"scale": "trust", "sem": 0.4}],
)
SECOND = report(
    {"alpha": "insufficient", "fit": "sufficient"},
    [{"scale": "trust", "alpha": 0.75}, {"scale": "involvement", "alpha": None}],
    [{"model": "one factor", "CFI": 0.95}],
    [{"scale": "trust", "sem": 1.4}],
)


@pytest.fixture
def found(campaign, kept_run):
    runs = kept_run(campaign), kept_run(campaign, software_version="1")
    return comparison.compare(*runs, [FIRST, SECOND])


def test_figures_of_scales_and_models_are_paired_and_those_of_items_are_not(found):
    assert [(p.what, p.of, p.first, p.second) for p in found.pairs] == [
        ("Alpha", "trust", 0.8, 0.75),
        ("CFI", "one factor", 0.9, 0.95),
        ("SEM", "trust", 0.4, 1.4),
    ]
    assert found.alone == (("parity",), ())


def test_the_largest_move_is_of_a_figure_between_0_and_1(found):
    assert (found.largest.what, round(found.largest.difference, 3)) in [
        ("Alpha", -0.05),
        ("CFI", 0.05),
    ]


def test_only_criteria_that_both_asked_can_have_another_outcome(found):
    (changed,) = found.changed
    assert (changed.criterion, changed.first, changed.second) == (
        "alpha",
        "sufficient",
        "insufficient",
    )
    assert (found.n_alike, found.asked_alone) == (1, (1, 0))


def test_what_was_chosen_differently_is_named(found):
    assert found.choices == (("Software", "0", "1"),)
    assert found.same_data


def test_choices_of_the_first_runs_are_read_as_what_they_meant():
    kept = Choices.from_kept({"scales": ["trust"], "groups": ""})
    assert kept.group_column is None
    assert ("Compared groups", "No groups") in kept.said()
    assert Choices.from_kept(kept.kept()) == kept
