"""Times and likelihoods beside a Python peer, in one run, as a table of a page.

    PYTHONPATH=. python benchmarks/peers.py > table.md

`mirt` (Python, with a Rust core) is not among what this library needs: install it where
the script finds it, or the script says that it is not there and stops. Processor time.
"""

import importlib.util

import numpy as np
from against_r import cpu_time
from polychoric import bfi

from psychometrics import graded_response

PEER = "mirt"


def peer():
    """The peer's module, or None after a printed line."""
    if importlib.util.find_spec(PEER) is None:
        print(f"{PEER} is not installed: nothing to stand beside")
        return None
    return importlib.import_module(PEER)


def times(other, answers):
    """{job: (our seconds, theirs)} of the same 25 items, each after its own fit."""
    codes = answers.to_numpy() - int(answers.min().min())
    ours, theirs = graded_response(answers), other.fit_mirt(codes, model="GRM")
    jobs = {
        "calibration, with errors": (
            lambda: graded_response(answers),
            lambda: other.fit_mirt(codes, model="GRM"),
        ),
        "item fit: S-X2, infit, outfit": (
            ours.item_fit,
            lambda: other.itemfit(
                theirs, codes, statistics=["S_X2", "infit", "outfit"]
            ),
        ),
        "M2\\*": (
            lambda: ours.model_fit(statistics=["M2*"]),
            lambda: other.compute_m2(theirs, codes),
        ),
    }
    for method in ("EAP", "MAP", "WLE"):
        jobs[f"{method} of everybody"] = (
            lambda method=method: ours.persons(method.lower()),
            lambda method=method: other.fscores(theirs, codes, method=method),
        )
    return {
        name: (cpu_time(own, repeats=3), cpu_time(their, repeats=3))
        for name, (own, their) in jobs.items()
    }


def steep(rng, n_persons=1000):
    """Six graded items, one with a slope beyond the peer's bound."""
    theta = rng.normal(size=n_persons)
    slopes = np.array([1.2, 1.6, 2.0, 1.4, 1.8, 8.0])
    cuts = np.array([-1.0, 0.0, 1.0])
    noise = rng.logistic(size=(n_persons, 6))
    latent = slopes * theta[:, None] + noise
    return (latent[:, :, None] > slopes[:, None] * cuts).sum(axis=2)


def unreversed(answers):
    """One scale with the item that is worded the other way, as it came."""
    return answers[["A1", "A2", "A3", "A4", "A5"]]


def likelihoods(other, cases):
    """Rows of a case: our log-likelihood, theirs, largest slopes, what they say."""
    for name, codes in cases.items():
        theirs = other.fit_mirt(codes - codes.min(), model="GRM")
        ours = graded_response(codes, se=False)
        slope = np.abs(np.asarray(theirs.model.discrimination)).max()
        said = "converged" if theirs.converged else "not converged"
        own = ours.parameters.discrimination.abs().max()
        yield (
            f"| {name} | {ours.log_likelihood:.1f} | {theirs.log_likelihood:.1f} | "
            f"{own:.2f} | {slope:.2f} | {said} |"
        )


def main():
    other = peer()
    if other is None:
        return
    answers = bfi()
    print(f"{PEER} {other.__version__}, {len(answers)} persons, 25 items\n")
    print("| job | ours, s | theirs, s | theirs / ours |\n|---|---|---|---|")
    for name, (own, their) in times(other, answers).items():
        print(f"| {name} | {own:.3f} | {their:.3f} | {their / own:.2f} |")
    print("\n| case | log L, ours | theirs | largest slope, ours | theirs | says |")
    print("|---|---|---|---|---|---|")
    cases = {
        "25 items, seven unreversed": answers.to_numpy(),
        "five items, one unreversed": unreversed(answers).to_numpy(),
        "a slope of 8": steep(np.random.default_rng(1)),
    }
    for row in likelihoods(other, cases):
        print(row)


if __name__ == "__main__":
    main()
