"""The figures of docs/methods/factor_analyzer.md, measured anew."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from factor_analyzer import FactorAnalyzer, Rotator

from psychometrics import explore, rotate
from psychometrics.factor import ml_newton
from psychometrics.factor.extraction import by_factor_analyzer
from tests.golden.alignment import aligned
from tests.golden.reference import BFI_ITEMS, dataset, matrix, reference

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "factor_analyzer.md"
DATASETS = ("hs1939", "bfi", "acl")
pytestmark = pytest.mark.filterwarnings("ignore:.*force_all_finite.*:FutureWarning")


def largest(ours, theirs):
    return float(abs(np.asarray(ours) - np.asarray(theirs)).max())


def matrices():
    for name in (*DATASETS, "science"):
        whole = reference(name, "efa")
        for node in whole["input_matrices"].values():
            yield matrix(node), whole["nfactors"]


def extraction_gap(method):
    """Largest distance of its uniquenesses from the minimum of the same function."""
    return max(
        largest(by_factor_analyzer(corr.to_numpy(), m, method), kernel_psi)
        for corr, m in matrices()
        for kernel_psi in [ml_newton.minimise(corr.to_numpy(), m, method)]
    )


def rotation_gap(theirs, ours, normalize=False):
    """Largest distance of rotated loadings from ours, over three data sets."""
    gaps = []
    for name in DATASETS:
        unrotated = matrix(reference(name, "rotation")["unrotated"])
        turned = Rotator(method=theirs).fit_transform(unrotated.to_numpy())
        mine = rotate(unrotated, method=ours, normalize=normalize).loadings
        gaps.append(largest(aligned(turned, mine), mine))
    return max(gaps)


@cache
def oblique():
    corr = matrix(reference("bfi", "efa")["input_matrices"]["polychoric"])
    theirs = FactorAnalyzer(
        n_factors=5,
        rotation="oblimin",
        method="minres",
        is_corr_matrix=True,
        svd_method="lapack",
    ).fit(corr.to_numpy())
    return theirs, explore(None, 5, corr=corr, n_obs=2436)


def reproduced_gap():
    theirs, ours = oblique()
    common = theirs.loadings_ @ theirs.phi_ @ theirs.loadings_.T
    return largest(common, ours.structure @ ours.loadings.T)


def communality_gap():
    theirs, ours = oblique()
    return largest(theirs.get_communalities(), ours.communalities)


def kaiser_gap():
    """How far its `normalize` option moves an oblimin rotation."""
    unrotated = matrix(reference("bfi", "rotation")["unrotated"]).to_numpy()
    first, second = (
        Rotator(method="oblimin", normalize=flag).fit_transform(unrotated)
        for flag in (True, False)
    )
    return largest(first, second)


def geomin_gap():
    """By how much its orthogonal geomin ends above our lowest minimum, on bfi."""
    from psychometrics.factor.rotation_criteria import geomin

    unrotated = matrix(reference("bfi", "rotation")["unrotated"])
    theirs = Rotator(method="geomin_ort").fit_transform(unrotated.to_numpy())
    ours = rotate(unrotated, method="geomin_orthogonal")
    return float(geomin(theirs)[0] - ours.criterion)


def missing_gap(filled):
    """Its loadings of answers with gaps, less those of medians or of pairs."""
    data = dataset("bfi")[BFI_ITEMS]
    options = {"n_factors": 5, "rotation": None, "method": "minres"}
    with_gaps = FactorAnalyzer(**options).fit(data).loadings_
    if filled:
        return largest(
            with_gaps,
            FactorAnalyzer(**options).fit(data.fillna(data.median())).loadings_,
        )
    ours = explore(data, 5, corr="pearson", rotation="none").loadings
    return largest(aligned(with_gaps, ours), ours)


MEASURES = {
    "minres, uniquenesses, seven matrices": lambda: extraction_gap("minres"),
    "ml, uniquenesses, seven matrices": lambda: extraction_gap("ml"),
    "oblimin, loadings": lambda: rotation_gap("oblimin", "oblimin"),
    "quartimin, loadings": lambda: rotation_gap("quartimin", "quartimin"),
    "geomin_obl, loadings": lambda: rotation_gap("geomin_obl", "geomin"),
    "quartimax, loadings": lambda: rotation_gap("quartimax", "quartimax"),
    "varimax, loadings": lambda: rotation_gap("varimax", "varimax", True),
    "promax, loadings": lambda: rotation_gap("promax", "promax", True),
    "equamax, loadings": lambda: rotation_gap("equamax", "equamax"),
    "geomin_ort on bfi, criterion above the lowest": geomin_gap,
    "oblimin on bfi, correlations reproduced from loadings_ and phi_": reproduced_gap,
    "oblimin on bfi, get_communalities": communality_gap,
    "oblimin on bfi, effect of normalize": kaiser_gap,
    "answers with gaps on bfi, against medians put in": lambda: missing_gap(True),
    "answers with gaps on bfi, against pairwise": lambda: missing_gap(False),
}


def stated():
    """Return {measure: figure} from the page's table."""
    rows = re.findall(r"^\| (.+?) \| ([\d.e+-]+) \|", PAGE.read_text(), flags=re.M)
    return {name: float(figure) for name, figure in rows}


def test_the_page_states_every_measure_and_no_other():
    assert list(stated()) == list(MEASURES)


@pytest.mark.parametrize("name", MEASURES)
def test_the_stated_figure_is_the_measured_one(name):
    figure, measured = stated()[name], MEASURES[name]()
    if figure == 0:
        assert measured < 1e-12
    elif figure < 1e-3:  # where a search stops depends on the machine's last digits
        assert figure / 5 < measured < 5 * figure
    else:
        assert measured == pytest.approx(figure, rel=0.06)
