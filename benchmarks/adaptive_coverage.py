"""How often an adaptive test's interval holds the person, by where the person is.

    PYTHONPATH=. python benchmarks/adaptive_coverage.py

72 graded items in six domains, five categories, thresholds over -2.5 to 1.5; at least 6
and at most 12 of them until the SE is below .3. The interval is theta +- 1.96 SE.
"""

import numpy as np
import pandas as pd

from psychometrics.adaptive import AdaptiveTest, StopRule, simulate
from psychometrics.irt.parameters import ItemParameters

LEVELS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0)
N_PERSONS = 500
DISCRIMINATIONS = ((1.2, 2.8), (0.8, 2.0))


def bank(rng, low, high, n=72):
    """Made parameters of a bank, and the six domains of its items."""
    names = [f"item{k}" for k in range(n)]
    slopes = rng.uniform(low, high, n)
    cuts = np.sort(rng.uniform(-2.5, 1.5, (n, 4)), axis=1)
    parameters = ItemParameters(
        model="graded",
        slopes=pd.DataFrame({"a": slopes}, index=names),
        intercepts=pd.DataFrame(
            -slopes[:, None] * cuts, index=names, columns=range(1, 5)
        ),
        categories={name: np.arange(5) for name in names},
    )
    return parameters, {f"d{d}": names[d::6] for d in range(6)}


def coverage(test, theta, rng):
    """Share of intervals that hold theta, mean SE, bias and items, of many persons."""
    found = simulate(test, theta, rng=rng).persons
    error = found["theta"] - theta
    held = (error.abs() <= 1.96 * found["se"]).mean()
    return held, found["se"].mean(), error.mean(), found["n_items"].mean()


def table():
    rng, rows = np.random.default_rng(2026), {}
    for low, high in DISCRIMINATIONS:
        for sd in (1.0, 2.0):
            parameters, domains = bank(np.random.default_rng(1), low, high)
            test = AdaptiveTest(parameters, domains, stop=StopRule(), sd=sd)
            for level in LEVELS:
                name = (f"{low}-{high}", sd, f"{level:g}")
                rows[name] = coverage(test, np.full(N_PERSONS, level), rng)
            drawn = rng.normal(0, sd, N_PERSONS)
            rows[f"{low}-{high}", sd, "drawn"] = coverage(test, drawn, rng)
    columns = ["held", "SE", "bias", "items"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


if __name__ == "__main__":
    print(table().round(2).to_string())
