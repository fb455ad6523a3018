"""Every cell of R's mokken on three public data sets."""

import numpy as np
import pytest

from psychometrics import aisp, invariant_ordering, monotonicity, scalability
from psychometrics.mokken import (
    guttman_errors,
    pmatrix_check,
    restscore_check,
    scale_reliability,
)
from psychometrics.mokken.rest_score_groups import criterion
from tests.golden.agreement import compare
from tests.golden.reference import BFI_REVERSED, dataset, matrix, reference

NAMES = ("bfi", "acl", "science")
COLUMNS = {
    "#ac": "n_active",
    "#vi": "n_violations",
    "#zsig": "n_significant",
    "#tsig": "n_significant",
}
ROUNDED = {
    "maxvi": "largest",
    "sum": "total",
    "zmax": "largest_z",
    "tmax": "largest_t",
}


def answers(name):
    results = reference(name, "mokken")
    table = dataset(name)[results["items"]].dropna()
    if results.get("reversed"):
        assert set(results["reversed"]) == set(BFI_REVERSED)
        table = table.assign(**{item: 7 - table[item] for item in BFI_REVERSED})
    return table


def node(name, part):
    return reference(name, "mokken")[part]["result"]


@pytest.mark.parametrize("name", NAMES)
def test_scalability_and_its_standard_errors(name):
    ours, theirs = scalability(answers(name)), node(name, "coefH")
    blank = np.diag(np.full(len(ours.h_item), np.nan))
    compare("Mokken H", ours.h_pair, matrix(theirs["Hij"]) + blank, atol=1e-8)
    compare("Mokken H SE", ours.se_pair, matrix(theirs["se.Hij"]) + blank, atol=1e-8)
    column = {part: np.ravel(theirs[part]["values"]) for part in ("Hi", "se.Hi", "H")}
    compare("Mokken H", ours.h_item.to_numpy(), column["Hi"], atol=1e-8)
    compare("Mokken H SE", ours.se_item.to_numpy(), column["se.Hi"], atol=1e-8)
    compare("Mokken H", [ours.h], column["H"], atol=1e-8)
    compare("Mokken H SE", [ours.se_h], [theirs["se.H"]], atol=1e-8)
    compare(
        "Mokken H SE", ours.item_cov.to_numpy(), theirs["covHi"]["values"], atol=1e-8
    )
    compare("Mokken H SE", [[ours.se_h**2]], theirs["covH"]["values"], atol=1e-8)
    plain = node(name, "coefH_noSE")
    compare("Mokken H", ours.h_pair, matrix(plain["Hij"]) + blank, atol=1e-8)
    compare("Mokken H", ours.h_item.to_numpy(), [*plain["Hi"].values()], atol=1e-8)
    compare("Mokken H", [ours.h], [plain["H"]], atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bound", [0.3, 0.4, 0.5])
def test_stepwise_scales(name, bound):
    found = aisp(answers(name), lower_bound=bound).scale
    entry = reference(name, "mokken")[f"aisp_c{bound}"]
    if "error" in entry:  # R stops where nothing scales
        assert (found == 0).all()
        return
    compare("Mokken AISP", found.to_numpy(), [*entry["result"].values()])


def compare_summary(part, ours, theirs, h_digits=2):
    """Hold a table of violations against one that R printed to two decimals."""
    assert ours.index.tolist() == theirs.index.tolist()
    for column in theirs.columns.intersection(list(COLUMNS)):
        compare(part, ours[COLUMNS[column]], theirs[column])
    for column in theirs.columns.intersection(list(ROUNDED)):
        compare(part, ours[ROUNDED[column]], theirs[column], atol=0.00501)
    share = ours["n_violations"] / ours["n_active"]
    compare(part, share, theirs["#vi/#ac"], atol=0.00501)
    compare(part, ours["total"] / ours["n_active"], theirs["sum/#ac"], atol=5.1e-5)
    # the item-order table rounds H twice, to three and then to two decimals
    compare(part, ours["h_item"].round(h_digits).round(2), theirs["ItemH"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part, least", [("", 0.03), ("_minvi0", 0.0)])
def test_monotonicity(name, part, least):
    ours = monotonicity(answers(name), min_violation=least).table
    theirs = matrix(node(name, f"monotonicity{part}")["summary"])
    compare_summary("Mokken monotonicity", ours, theirs)
    compare("Mokken monotonicity", np.floor(ours["criterion"]), theirs["crit"])


@pytest.mark.parametrize("name", NAMES)
def test_restscore_check(name):
    ours = restscore_check(answers(name)).table
    theirs = matrix(node(name, "restscore")["summary"])
    compare_summary("Mokken rest-score", ours, theirs)
    # here R's criterion starts from H rounded to two decimals
    rounded = ours.assign(h_item=ours["h_item"].round(2))
    compare(
        "Mokken rest-score", np.floor(criterion(rounded, "largest_z")), theirs["crit"]
    )


@pytest.mark.parametrize("name", NAMES)
def test_invariant_ordering(name):
    ours, theirs = invariant_ordering(answers(name)), node(name, "iio_MIIO")
    table = matrix(theirs["item_summary"])
    compare_summary("Mokken item ordering", ours.table, table, h_digits=3)
    criteria = np.floor(ours.table["criterion"])
    compare("Mokken item ordering", criteria, table["crit"])
    compare(
        "Mokken item ordering", ours.steps.to_numpy(), theirs["violations"]["values"]
    )
    compare("Mokken item ordering", ours.steps.to_numpy(), theirs["backward"]["values"])
    assert ours.removed == np.atleast_1d(theirs["items_removed"]).tolist()
    compare("Mokken HT", [ours.ht] * 2, [theirs["HT"], theirs["HT_final"]], atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_reliability_of_the_sum_score(name):
    ours, theirs = scale_reliability(answers(name)), node(name, "reliability")
    compare("Mokken MS", [ours.ms], [theirs["MS"]], atol=1e-8)
    compare("Mokken alpha", [ours.alpha], [theirs["alpha"]], atol=1e-8)
    compare("Mokken lambda2", [ours.lambda2], [theirs["lambda.2"]], atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_guttman_errors(name):
    """The reference counts half an error a tied pair, and rounds; we count none."""
    table = answers(name)
    half = (guttman_errors(table).errors.to_numpy() + inverted_ties(table) / 2)[:20]
    theirs = np.array(node(name, "guttman_errors_first20"))
    whole = half % 1 == 0
    compare("Guttman errors", half[whole], theirs[whole])
    assert (np.abs(theirs - half)[~whole] == 0.5).all()


def inverted_ties(table):
    """Count, for each person, tied steps of two items of which one was passed."""
    values = table.to_numpy(int) - int(table.to_numpy().min())
    passed = values[:, :, None] >= np.arange(1, values.max() + 1)
    count, flat = passed.sum(axis=0).ravel(), passed.reshape(len(values), -1)
    first, second = np.triu_indices(len(count), 1)
    tied = count[first] == count[second]
    return (flat[:, first[tied]] != flat[:, second[tied]]).sum(axis=1)


def test_pmatrix_check_finds_no_fault_where_rest_scores_find_hardly_any():
    result = pmatrix_check(answers("science"))
    assert (result.table["n_violations"] == 0).all()
