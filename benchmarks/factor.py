"""Factor analysis beside psych, in one run: explore, omega, parallel analysis.

    PYTHONPATH=. python benchmarks/factor.py

2436 persons, 25 items (psych's bfi, complete cases). Processor time, the least of
several runs, one thread on both sides; wall time where two processes share the work.
"""

import os
import time
from concurrent.futures import ProcessPoolExecutor

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from against_r import cpu_time, r_times
from polychoric import bfi

from psychometrics import (
    bootstrap_loadings,
    explore,
    omega,
    parallel_analysis,
    pearson,
)

JOBS = {
    "explore": 'fa(cor(X), 5, n.obs = nrow(X), fm = "minres", rotate = "oblimin")',
    "omega": "capture.output(omega(cor(X), 5, n.obs = nrow(X), plot = FALSE))",
    "parallel": "capture.output(suppressMessages(fa.parallel(X, n.iter = 100, "
    'fm = "minres", fa = "both", plot = FALSE)))',
}
PROMISES = {
    "explore": "under 0.1 s",
    "omega": "no promise",
    "parallel": "at most 1/5",
}


def beside_psych(data):
    corr, n = pearson(data).corr, len(data)
    explore(None, 5, corr=corr, n_obs=n)  # the first call imports factor_analyzer
    ours = {
        "explore": cpu_time(lambda: explore(None, 5, corr=corr, n_obs=n)),
        "omega": cpu_time(lambda: omega(None, 5, corr=corr, n_obs=n)),
        "parallel": cpu_time(lambda: parallel_analysis(data, corr="pearson"), 3),
    }
    theirs = r_times(data, ["psych", "GPArotation"], JOBS) or {}
    for name, seconds in ours.items():
        line = f"{name}: {seconds:.3f} s"
        if name in theirs:
            line += f"; psych {theirs[name]:.3f} s, {seconds / theirs[name]:.3f} of it"
        print(f"{line} ({PROMISES[name]})")


def repeated(data):
    seconds = cpu_time(lambda: parallel_analysis(data, corr="polychoric"), 2)
    print(f"polychoric parallel analysis x100: {seconds:.2f} s (under 10 s)")
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as executor:
        bootstrap_loadings(data, 5, n_replications=500, executor=executor)
    seconds = time.perf_counter() - start
    print(f"500 polychoric bootstraps, two cores: {seconds:.1f} s wall (under 30 s)")


if __name__ == "__main__":
    answers = bfi()
    beside_psych(answers)
    repeated(answers)
