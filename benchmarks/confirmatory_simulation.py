"""Bias, errors, coverage and size of confirmatory models; writes the methods page.

Usage: python benchmarks/confirmatory_simulation.py [--replications 1500] [--write]

Three correlated factors of four items, loadings .5 to .8; ordinal answers have five
categories, skewed (shares .31 .31 .22 .11 .05). Clustered rows take a third of the
replications. Without --write it prints the table.
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import norm

from psychometrics import PsychometricsWarning, monte_carlo, population_of

LOADINGS = (0.7, 0.6, 0.8, 0.5)
FACTORS = "fgh"
CUTS = (-0.5, 0.3, 1.0, 1.6)
PAGE = Path(__file__).parent.parent / "docs" / "methods" / "confirmatory_simulation.md"
# name: ordinal answers, share missing, options
PLAIN = {
    "wlsmv": (True, 0.0, {"estimator": "wlsmv"}),
    "wlsmv, 10 % missing, pairwise": (True, 0.1, {"estimator": "wlsmv"}),
    "ulsmv": (True, 0.0, {"estimator": "ulsmv"}),
    "ml": (False, 0.0, {"estimator": "ml"}),
    "mlr, 10 % missing, full information": (False, 0.1, {"estimator": "mlr"}),
}
CLUSTERED = {
    "wlsmv": (True, {"estimator": "wlsmv"}),
    "mlr": (False, {"estimator": "mlr"}),
}
SIZES = (250, 500, 1000)
# clusters, persons, share of variance between them, factors
CLUSTERS = (
    (10, 400, 0.1, 3),
    (40, 800, 0.1, 3),
    (10, 400, 0.1, 1),
    (40, 800, 0.1, 1),
    (10, 400, 0.3, 3),
    (5, 400, 0.1, 3),
)
HEAD = """# Confirmatory models: simulation

Written by `python benchmarks/confirmatory_simulation.py --replications {n} --write`.
Three factors (correlations .4), four items each (loadings .7 .6 .8 .5; 51 degrees of
freedom), or one factor of nine such items (27); ordinal answers have five skewed
categories (cut at -.5, .3, 1, 1.6). Standardised parameters, seed 1. Bands: loading
bias below 5 %, standard error bias below 10 %, size .025 to .075, coverage .91 to .98.
Loading bias and error bias are means over the loadings, their worst in brackets;
coverage is the mean over loadings and factor correlations, with its range.

Chance alone moves these figures: in 95 % of tables of {n} samples the worst error bias
of twelve loadings stays within {error:.1%} of the mean error bias, the extremes of
fifteen coverages within {coverage:.3f} of their mean, and a size of .05 within
{size:.3f}. Figures in bold are further off than that. Rows with clusters have {few}
samples and bands {more:.2f} times as wide.
"""


def model(n_factors=3):
    names = items(n_factors)
    return "\n".join(f"{f} =~ " + " + ".join(own) for f, own in names.items())


def items(n_factors):
    """Return {factor: its items}: four each, or nine of the only one."""
    count = 4 if n_factors > 1 else 9
    return {f: [f"{f}{j}" for j in range(1, count + 1)] for f in FACTORS[:n_factors]}


def stated(n_factors=3):
    lines = [
        f"{f} =~ " + " + ".join(f"{LOADINGS[j % 4]}*{x}" for j, x in enumerate(own))
        for f, own in items(n_factors).items()
    ]
    between = ["f ~~ 0.4*g + 0.4*h", "g ~~ 0.4*h"] if n_factors == 3 else []
    return "\n".join([*lines, *between])


def population(ordinal, n_factors=3):
    return population_of(stated(n_factors), thresholds=CUTS if ordinal else None)


def run(ordinal, n, replications, *, n_factors=3, **options):
    """Return one Monte Carlo study; `options` are those of `monte_carlo`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PsychometricsWarning)
        return monte_carlo(
            population(ordinal, n_factors),
            model(n_factors),
            n,
            n_replications=replications,
            std_lv=True,
            **options,
        )


def figures(study):
    """Return the table's figures of one study."""
    loads = study.parameters.xs("=~", level="op")
    bias, error = loads["relative_bias"], loads["relative_se_bias"]
    coverage = study.parameters["coverage"]
    return {
        "converged": study.tests["converged"] / study.tests["replications"],
        "bias": bias.mean(),
        "worst_bias": bias.loc[bias.abs().idxmax()],
        "error": error.mean(),
        "worst_error": error.loc[error.abs().idxmax()],
        "coverage": coverage.mean(),
        "lowest": coverage.min(),
        "highest": coverage.max(),
        "size": study.tests["rejected"],
    }


def chance(replications):
    """Return how far chance moves the worst of twelve, of fifteen, and a size."""
    twelve, fifteen = (norm.ppf(1 - 0.025 / k) for k in (12, 15))
    return {
        "error": twelve / np.sqrt(2 * replications),
        "coverage": fifteen * np.sqrt(0.05 * 0.95 / replications),
        "size": 1.96 * np.sqrt(0.05 * 0.95 / replications),
    }


def _line(name, n, replications, f):
    by = chance(replications)
    error = f"{f['worst_error']:+.1%}"
    if abs(f["worst_error"] - f["error"]) > by["error"]:
        error = f"**{error}**"
    ends = (f["lowest"], f["highest"])
    low, high = (
        f"**{v:.3f}**" if abs(v - f["coverage"]) > by["coverage"] else f"{v:.3f}"
        for v in ends
    )
    size = f"{f['size']:.3f}"
    if abs(f["size"] - 0.05) > by["size"]:
        size = f"**{size}**"
    return (
        f"| {name} | {n} | {f['converged']:.1%} | {f['bias']:+.1%} "
        f"({f['worst_bias']:+.1%}) | {f['error']:+.1%} ({error}) "
        f"| {f['coverage']:.3f} ({low}-{high}) | {size} |"
    )


def table(replications):
    """Yield the page's lines as each study ends."""
    columns = ("analysis", "persons", "fitted", "loading bias", "error bias")
    yield f"| {' | '.join(columns)} | coverage | size |"
    yield "|---|---|---|---|---|---|---|"
    for name, (ordinal, missing, options) in PLAIN.items():
        for n in SIZES:
            study = run(ordinal, n, replications, missing=missing, **options)
            yield _line(name, n, replications, figures(study))
    few = replications // 3
    for name, (ordinal, options) in CLUSTERED.items():
        for n_clusters, n, icc, n_factors in CLUSTERS:
            nested = {"n_clusters": n_clusters, "icc": icc, "n_factors": n_factors}
            study = run(ordinal, n, few, **nested, **options)
            df = f"{study.tests['df']:.0f}"
            label = f"{name}, {n_clusters} clusters, ICC {icc:g}, df {df}"
            yield _line(label, n, few, figures(study))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=1500)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    n, few = options.replications, options.replications // 3
    more = (n / few) ** 0.5
    lines = [HEAD.format(n=n, few=few, more=more, **chance(n))]
    for line in table(n):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        PAGE.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
