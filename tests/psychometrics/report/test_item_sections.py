"""The report's sections on scaling and on single items over groups."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import dif, scalability
from psychometrics.report.document import Outcome
from psychometrics.report.sections.differential import differential
from psychometrics.report.sections.scaling import scaling
from psychometrics.report.study import prepare_study
from tests.golden.reference import BFI_ITEMS, BFI_REVERSED, BFI_SCALES, dataset


@pytest.fixture(scope="module")
def study():
    bfi = dataset("bfi")
    return prepare_study(
        bfi[BFI_ITEMS],
        BFI_SCALES,
        reverse=BFI_REVERSED,
        categories=(1, 6),
        groups=bfi["gender"],
    )


def test_h_in_the_report_is_the_librarys(study):
    section = scaling(study, ())
    whole, items = (found.frame for found in section.tables)
    direct = scalability(study.scale_frame("N"))
    assert whole.at["N", "H"] == direct.h
    assert items.at["N1", "h_item"] == direct.h_item["N1"]
    assert "do not scale with their set" in section.plain and "A1" in section.plain


def test_every_scale_is_judged_by_cosmin_and_by_ours(study):
    verdicts = scaling(study, ()).verdicts
    assert len(verdicts) == 10
    neuroticism = [v for v in verdicts if v.criterion.startswith("N:")]
    assert [v.outcome for v in neuroticism] == [Outcome.SUFFICIENT] * 2


def test_dif_in_the_report_is_the_librarys(study):
    section = differential(study, ())
    table = section.tables[0].frame
    direct = dif(study.scale_frame("N"), study.groups).table
    assert table.at["N5", "chi2_total"] == pytest.approx(direct.at["N5", "chi2_total"])
    assert "Differences beyond chance, but small" in section.plain
    assert section.verdicts[0].outcome is Outcome.SUFFICIENT


def test_figures_of_both_sections_are_drawn(study):
    for section in (scaling(study, ()), differential(study, ())):
        assert all(
            figure.svg().lstrip().startswith("<?xml") for figure in section.figures
        )


def test_groups_too_small_leave_the_question_open(study):
    few = pd.Series(np.where(np.arange(study.n_persons) < 50, "a", None), name="team")
    few.index = study.responses.index
    small = prepare_study(study.responses, study.scales, groups=few)
    section = differential(small, ())
    assert section.verdicts[0].outcome is Outcome.INDETERMINATE
    assert any("a (50 persons)" in note for note in section.notes)


def test_without_groups_or_scales_of_three_there_is_no_section(study):
    pair = prepare_study(study.responses, {"pair": ["N1", "N2"]})
    assert differential(pair, ()) is None and scaling(pair, ()) is None
