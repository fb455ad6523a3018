"""Rotations of one given matrix against GPArotation and stats, cell by cell."""

import numpy as np
import pytest

from psychometrics import NotIdentified, rotate
from psychometrics.factor.rotation import promax
from tests.golden.agreement import compare
from tests.golden.alignment import aligned
from tests.golden.reference import matrix, reference

DATASETS = ("hs1939", "bfi", "acl")

ROTATIONS = {
    "oblimin_gam0": "oblimin",
    "quartimin": "quartimin",
    "geominQ_delta.01": "geomin",
    "geominT_delta.01": "geomin_orthogonal",
    "bifactorT": "bifactor",
    "bifactorQ": "bifactor_oblique",
    "quartimax": "quartimax",
    "cfQ_equamax": "equamax_oblique",
    "varimax": "varimax",
    "targetQ_partial": "target",
}


def cases():
    return [
        (dataset, key)
        for dataset in DATASETS
        for key in reference(dataset, "rotation")
        if key.removesuffix("_kaiser") in ROTATIONS
        and not (dataset == "acl" and key.startswith("bifactor"))
    ]


def turned(dataset, key, **options):
    whole = reference(dataset, "rotation")
    wanted = whole[key].get("target")
    return rotate(
        matrix(whole["unrotated"]),
        method=ROTATIONS[key.removesuffix("_kaiser")],
        normalize=key.endswith("_kaiser"),
        target=None if wanted is None else matrix(wanted),
        **options,
    )


@pytest.mark.parametrize("dataset, key", cases())
def test_criterion_is_no_higher_than_the_reference(dataset, key):
    theirs = reference(dataset, "rotation")[key]["result"]
    if "criterion" in theirs:
        ours = turned(dataset, key).criterion
        assert ours <= theirs["criterion"] + 1e-12
        if abs(ours - theirs["criterion"]) < 1e-8:
            compare("rotation: criterion", [ours], [theirs["criterion"]], atol=1e-8)


@pytest.mark.parametrize("dataset, key", cases())
def test_loadings_match_from_the_same_starting_position(dataset, key):
    theirs = reference(dataset, "rotation")[key]["result"]
    ours = turned(dataset, key, starts=1)
    stopped_short = theirs.get("criterion", -9) - ours.criterion > 1e-9
    if theirs.get("convergence", True) is False and stopped_short:
        return  # the reference says that it did not converge; ours lies lower
    expected = matrix(theirs["loadings"])
    loadings, phi = aligned(ours.loadings, expected, ours.factor_corr)
    compare("rotation: loadings", loadings, expected, atol=1e-5)
    if theirs.get("Phi"):
        compare("rotation: factor_corr", phi, matrix(theirs["Phi"]), atol=1e-5)


@pytest.mark.parametrize("dataset, key", cases())
def test_the_reference_turn_leads_to_our_loadings(dataset, key):
    theirs = reference(dataset, "rotation")[key]["result"]
    if theirs.get("convergence", True) is False or key.endswith("_kaiser"):
        return  # not at rest, or a turn of weighted rows
    turn = np.array((theirs.get("Th") or theirs.get("rotmat"))["values"], float)
    unrotated = matrix(reference(dataset, "rotation")["unrotated"])
    ours = turned(dataset, key, starts=1)
    there = unrotated.to_numpy() @ np.linalg.inv(turn).T
    compare("rotation: turn", aligned(there, ours.loadings), ours.loadings, atol=1e-5)


@pytest.mark.parametrize("dataset", DATASETS)
def test_promax_matches_both_forms_in_r(dataset):
    whole = reference(dataset, "rotation")
    base = rotate(matrix(whole["unrotated"]), method="varimax").loadings.to_numpy()
    loadings, phi = promax(base)
    expected = whole["promax_m4_of_kaiser_varimax"]["result"]
    loadings, phi = aligned(loadings, matrix(expected["loadings"]), phi)
    compare("rotation: promax", loadings, matrix(expected["loadings"]), atol=1e-5)
    compare("rotation: promax", phi, matrix(expected["Phi"]), atol=1e-5)


@pytest.mark.parametrize("dataset", DATASETS)
def test_promax_by_kaiser_rows_is_psychs_but_for_its_early_stop(dataset):
    whole = reference(dataset, "rotation")
    ours = rotate(matrix(whole["unrotated"]), method="promax")
    expected = whole["psych_kaiser_Promax"]["result"]
    loadings, phi = aligned(
        ours.loadings, matrix(expected["loadings"]), ours.factor_corr
    )
    # psych's varimax stops at eps 1e-5: reference README, convention 3 (1.3e-3)
    compare(
        "rotation: psych promax", loadings, matrix(expected["loadings"]), atol=1.3e-3
    )
    compare("rotation: psych promax", phi, matrix(expected["Phi"]), atol=1.3e-3)


def test_two_factors_leave_a_bifactor_rotation_undetermined():
    whole = reference("acl", "rotation")
    unrotated = matrix(whole["unrotated"])
    for name in ("bifactorT", "bifactorQ"):
        theirs = whole[name]["result"]  # handed back as it came, criterion zero
        same = aligned(unrotated, matrix(theirs["loadings"]))
        compare(
            "rotation: bifactor of two", same, matrix(theirs["loadings"]), atol=1e-8
        )
        with pytest.raises(NotIdentified, match="at least three factors"):
            rotate(unrotated, method=ROTATIONS[name])
