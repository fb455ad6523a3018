"""KMO, Bartlett and eigenvalues against psych, every cell."""

import pandas as pd
import pytest

from psychometrics import (
    bartlett_sphericity,
    conditioning,
    kmo,
    pearson,
    polychoric,
)
from tests.golden.agreement import compare
from tests.golden.reference import BFI_ITEMS, dataset, reference

KINDS = {"pearson": (pearson, 1e-10), "polychoric": (polychoric, 1e-6)}


@pytest.mark.parametrize("name", ["bfi", "acl"])
@pytest.mark.parametrize("kind", KINDS)
def test_factorability_agrees(name, kind):
    results = reference(name, "dimensionality")
    estimate, atol = KINDS[kind]
    answers = dataset(name)[BFI_ITEMS] if name == "bfi" else dataset(name)
    corr = estimate(answers, missing="complete").corr
    theirs = results[f"kmo_{kind}"]["result"]
    ours = kmo(corr)
    compare(f"KMO ({kind})", [ours.overall], [theirs["MSA"]], atol=atol)
    compare(f"KMO ({kind})", ours.per_item, pd.Series(theirs["MSAi"]), atol=atol)
    theirs = results[f"bartlett_{kind}"]["result"]
    ours = bartlett_sphericity(corr, results["n"])
    compare(f"Bartlett ({kind})", [ours.chi2], [theirs["chisq"]], rtol=atol)
    compare(f"Bartlett ({kind})", [ours.df], [theirs["df"]])
    compare(f"Bartlett ({kind})", [ours.p], [theirs["p.value"]], atol=1e-10)
    eigenvalues = conditioning(corr).eigenvalues
    theirs = results[f"eigenvalues_{kind}"]
    compare(f"eigenvalues ({kind})", eigenvalues, theirs, atol=atol)
