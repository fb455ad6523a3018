"""Bias, errors, coverage and size of confirmatory models; writes the methods page.

Usage: python benchmarks/confirmatory_simulation.py [--replications 500] [--write]

Three correlated factors of four items, loadings .5 to .8; ordinal answers have five
categories, skewed (shares .31 .31 .22 .11 .05). Without --write it prints the table.
"""

import argparse
import sys
import warnings
from pathlib import Path

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
CLUSTERS = ((10, 400), (40, 800))
HEAD = """# Confirmatory models: simulation

Written by `python benchmarks/confirmatory_simulation.py --replications {n} --write`.
Three factors (correlations .4), four items each (loadings .7 .6 .8 .5); ordinal answers
have five skewed categories (cut at -.5, .3, 1, 1.6). {n} samples a row, standardised
parameters, seed 1. Bands: loading bias below 5 %, standard error bias below 10 %, size
.025 to .075, coverage .91 to .98. Loading bias and error bias are means over the
loadings, their worst in brackets; coverage is the mean over loadings and factor
correlations, with its range.
"""


def model():
    return "\n".join(
        f"{f} =~ " + " + ".join(f"{f}{j}" for j in range(1, 5)) for f in FACTORS
    )


def stated():
    lines = [
        f"{f} =~ " + " + ".join(f"{v}*{f}{j}" for j, v in enumerate(LOADINGS, start=1))
        for f in FACTORS
    ]
    return "\n".join([*lines, "f ~~ 0.4*g + 0.4*h", "g ~~ 0.4*h"])


def population(ordinal):
    return population_of(stated(), thresholds=CUTS if ordinal else None)


def run(ordinal, n, replications, **options):
    """Return one Monte Carlo study; `options` are those of `monte_carlo`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PsychometricsWarning)
        return monte_carlo(
            population(ordinal),
            model(),
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


def _line(name, n, f):
    return (
        f"| {name} | {n} | {f['converged']:.1%} | {f['bias']:+.1%} "
        f"({f['worst_bias']:+.1%}) | {f['error']:+.1%} ({f['worst_error']:+.1%}) "
        f"| {f['coverage']:.3f} ({f['lowest']:.3f}-{f['highest']:.3f}) "
        f"| {f['size']:.3f} |"
    )


def table(replications):
    """Yield the page's lines as each study ends."""
    columns = ("analysis", "persons", "fitted", "loading bias", "error bias")
    yield f"| {' | '.join(columns)} | coverage | size |"
    yield "|---|---|---|---|---|---|---|"
    for name, (ordinal, missing, options) in PLAIN.items():
        for n in SIZES:
            study = run(ordinal, n, replications, missing=missing, **options)
            yield _line(name, n, figures(study))
    for name, (ordinal, options) in CLUSTERED.items():
        for n_clusters, n in CLUSTERS:
            study = run(ordinal, n, replications, n_clusters=n_clusters, **options)
            label = f"{name}, {n_clusters} clusters, ICC .1, CR2"
            yield _line(label, n, figures(study))


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=500)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    lines = [HEAD.format(n=options.replications)]
    for line in table(options.replications):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        PAGE.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
