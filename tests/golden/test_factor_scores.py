"""Factor scores and their weights against psych, cell by cell."""

import numpy as np
import pytest

from psychometrics import explore
from tests.golden.agreement import compare
from tests.golden.alignment import aligned
from tests.golden.reference import BFI_ITEMS, dataset, matrix, reference

HOLZINGER = [f"x{k}" for k in range(1, 10)]
DATASETS = {"hs1939": HOLZINGER, "bfi": BFI_ITEMS, "acl": None, "science": None}
METHODS = {"regression": "regression", "bartlett": "bartlett", "tenBerge": "ten_berge"}


@pytest.mark.parametrize("theirs, ours", METHODS.items())
@pytest.mark.parametrize("name", DATASETS)
def test_weights_and_scores_are_psychs(name, theirs, ours):
    data = dataset(name)
    data = data[DATASETS[name]] if DATASETS[name] else data
    complete = data.dropna()
    expected = reference(name, "efa_scores")[theirs]
    loadings = matrix(expected["loadings"])
    found = explore(
        complete,
        loadings.shape[1],
        extraction="ml",
        corr="pearson",
        rotation="oblimin",
    )
    rows = [int(row) - 1 for row in expected["first20_rows"]]
    weights = found.score_weights(ours)
    scores = found.scores(complete, method=ours)
    if theirs == "tenBerge" and loadings.shape[1] == 1:
        # of one factor psych gives regression scores under this name; ten Berge's
        # have unit variance (docs/methods/exploratory.md, "Known differences")
        spread = np.sqrt(found.determinacy["squared"])
        weights, scores = weights * spread, scores * spread
    pattern, phi, weights, scores = aligned(
        found.loadings,
        loadings,
        found.factor_corr,
        weights,
        scores.loc[data.index[rows]],
    )
    compare("efa_scores: loadings", pattern, loadings, atol=1e-4)
    if expected["Phi"]:
        compare("efa_scores: factor_corr", phi, matrix(expected["Phi"]), atol=1e-4)
    compare("efa_scores: weights", weights, matrix(expected["weights"]), atol=1e-4)
    compare("efa_scores: scores", scores, matrix(expected["first20"]), atol=5e-4)


def test_missing_answers_are_scored_from_the_items_answered():
    data = dataset("hs1939")[HOLZINGER]
    found = explore(data, 3, corr="pearson")
    holes = data.copy()
    holes.iloc[0, 1] = np.nan
    holes.iloc[1, :7] = np.nan
    scores = found.scores(holes)
    assert scores.iloc[0].notna().all()
    assert scores.iloc[1].isna().all()
    assert abs(scores.iloc[0] - found.scores(data).iloc[0]).max() < 0.5


def test_ten_berge_scores_correlate_as_the_factors_do():
    data = dataset("hs1939")[HOLZINGER]
    found = explore(data, 3, corr="pearson")
    between = found.scores(data, method="ten_berge").corr()
    assert np.allclose(between, found.factor_corr, atol=1e-8)


def test_bartlett_weights_give_back_the_pattern():
    data = dataset("hs1939")[HOLZINGER]
    found = explore(data, 3, corr="pearson")
    product = found.score_weights("bartlett").T @ found.loadings
    assert np.allclose(product, np.eye(3), atol=1e-8)


def test_unknown_scores_are_named():
    found = explore(dataset("hs1939")[HOLZINGER], 1, corr="pearson")
    with pytest.raises(ValueError, match="ten_berge"):
        found.score_weights("sum")
