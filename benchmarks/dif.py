"""How long does DIF by likelihood ratio take beside one full search for each model?

    PYTHONPATH=. python benchmarks/dif.py [package folder of another version]

15 items, three groups, 1500 persons: 31 models a round. With a folder, `dif` of the
psychometrics package in it is timed on the same answers, in a process of its own.
"""

import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
from against_r import cpu_time

N_ITEMS, N_GROUP = 15, 500


def answers():
    """Graded answers; of the groups one has an item shifted, another one steeper."""
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], N_GROUP)
    theta = rng.normal(size=3 * N_GROUP) + np.array([0.0, -0.4, 0.3])[group]
    slopes = rng.uniform(1, 2.5, N_ITEMS)
    cuts = np.array([2, 0.8, -0.4, -1.6]) + rng.normal(0, 0.5, (N_ITEMS, 1))
    z = slopes[:, None] * theta[:, None, None] + cuts
    z[group == 1, 2] -= 1.2
    z[group == 2, 5] *= 1.5
    chance = rng.random((3 * N_GROUP, N_ITEMS, 1))
    made = (chance < 1 / (1 + np.exp(-z))).sum(axis=2)
    return pd.DataFrame(made, columns=[f"i{j}" for j in range(N_ITEMS)]), group


def times():
    """Print the CPU seconds of one round, and of purification."""
    from psychometrics import dif

    table, group = answers()
    for purify in (False, True):
        job = {"method": "likelihood_ratio", "purify": purify}
        seconds = cpu_time(lambda job=job: dif(table, group, **job), repeats=3)
        print(
            f"{'purified' if purify else 'one round':<12}{seconds:9.3f} s", flush=True
        )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    times()
    for folder in sys.argv[1:]:
        print(f"the version in {folder}", flush=True)
        other = os.environ | {"PYTHONPATH": folder}
        subprocess.run([sys.executable, __file__], env=other, check=True)
