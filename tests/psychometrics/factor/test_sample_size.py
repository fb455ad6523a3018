from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from psychometrics import sample_size, simulate

LOADINGS, PHI = simulate.simple_structure(2, 4, loading=0.7, correlation=0.3)
STUDY = {"factor_corr": PHI, "thresholds": (-1, 0, 1), "n_replications": 60}


def test_half_widths_fall_as_the_root_of_the_sample():
    found = sample_size(LOADINGS, sizes=(200, 800), **STUDY).table
    for name in ("loading_half_width", "omega_half_width"):
        ratio = found[name].iloc[0] / found[name].iloc[1]
        assert 1.5 < ratio < 2.8


def test_the_smallest_size_that_reaches_both_precisions_is_named():
    found = sample_size(
        LOADINGS,
        sizes=(100, 400, 1000),
        loading_precision=0.12,
        omega_precision=0.05,
        **STUDY,
    )
    assert found.n == 400
    assert 150 < found.interpolated < 500
    assert found.summary().startswith("400 persons reach")


def test_no_size_is_named_when_none_is_enough():
    found = sample_size(LOADINGS, sizes=(100,), loading_precision=0.01, **STUDY)
    assert np.isnan(found.n)
    assert "No size tried" in found.summary()


def test_tiny_samples_show_their_failures():
    few = simulate.simple_structure(2, 3, loading=0.5)[0]
    found = sample_size(few, sizes=(20,), thresholds=(-1, 1), n_replications=40)
    assert found.table["heywood"].iloc[0] > 0.2
    assert found.table["congruent"].iloc[0] < 0.5


def test_continuous_answers_are_planned_with_pearson():
    found = sample_size(LOADINGS, factor_corr=PHI, sizes=(300,), n_replications=40)
    assert abs(found.table["omega_bias"].iloc[0]) < 0.01
    assert len(found.plot().get_lines()) == 4


def test_studies_do_not_depend_on_where_they_are_simulated():
    here = sample_size(LOADINGS, sizes=(100,), **STUDY)
    with ThreadPoolExecutor(2) as executor:
        there = sample_size(LOADINGS, sizes=(100,), executor=executor, **STUDY)
    assert here.table.equals(there.table)


def test_an_impossible_model_is_refused():
    with pytest.raises(ValueError, match="communality above 1"):
        sample_size([[1.1], [0.5], [0.6]], sizes=(100,), n_replications=2)
