"""Mokken scale analysis beside R's mokken, in one run.

    PYTHONPATH=. python benchmarks/mokken.py

2436 persons, 25 items (psych's bfi, complete cases, reversed where keyed so).
Processor time, the least of several runs, one thread on both sides.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from against_r import cpu_time, r_times
from polychoric import bfi

from psychometrics import (
    aisp,
    invariant_ordering,
    monotonicity,
    scalability,
)
from psychometrics.mokken import restscore_check

REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
JOBS = {
    "scalability": "coefH(X, se = TRUE, nice.output = FALSE, results = FALSE)",
    "aisp": "aisp(X, verbose = FALSE)",
    "monotonicity": "summary(check.monotonicity(X))",
    "restscore_check": "summary(check.restscore(X))",
    "invariant_ordering": "summary(check.iio(X, verbose = FALSE))",
}
PROMISES = {"scalability": "under 0.5 s"}


def main():
    data = bfi().dropna()
    data = data.assign(**{item: 7 - data[item] for item in REVERSED})
    calls = (scalability, aisp, monotonicity, restscore_check, invariant_ordering)
    theirs = r_times(data, ["mokken"], JOBS) or {}
    for call in calls:
        name, seconds = call.__name__, cpu_time(lambda: call(data))
        line = f"{name}: {seconds:.3f} s"
        if name in theirs:
            line += f"; mokken {theirs[name]:.3f} s, {seconds / theirs[name]:.3f} of it"
        print(f"{line} ({PROMISES.get(name, 'no promise')})")


if __name__ == "__main__":
    main()
