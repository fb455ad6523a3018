"""How the cost of each heavy call grows with items and persons, and how near it runs.

    PYTHONPATH=. python benchmarks/cost_curves.py [--large]

Each call in a process of its own, on made answers (a graded model of one factor, five
categories): processor time and the memory that it takes beyond what was loaded. The
exponents are those of time in items and in persons between the last two sizes. The
last columns are what matters where a product of matrices does the work: how many
operations the products of the kernel alone would take, the rate in 10^9 a second, and
its share of what this machine does in a product of two 1000 x 1000 matrices. --large
goes to 100 items and to 100 000 persons, which takes some minutes.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

K = 5  # categories
NODES = 61  # of the calibration's quadrature
LIMIT = 600  # seconds of processor that a call may take, with what prepares it
SMALL = {"items": ((10, 1000), (20, 1000)), "persons": ((10, 1000), (10, 4000))}
LARGE = {"items": ((50, 2000), (100, 2000)), "persons": ((20, 10_000), (20, 100_000))}


def answers(n_items, n_persons):
    """Return graded answers to items that one factor explains by half."""
    rng = np.random.default_rng(1)
    latent = rng.normal(size=(n_persons, 1)) + rng.normal(size=(n_persons, n_items))
    cuts = np.array([-1.5, -0.5, 0.5, 1.5])
    return pd.DataFrame(np.digitize(latent, cuts)).add_prefix("q")


def jobs(frame):
    """Return {name: (what prepares it, the job on what was prepared)}."""
    import psychometrics as pm

    model = "f =~ " + " + ".join(frame)

    def calibrated():
        return pm.graded_response(frame, se=False)

    return {
        "polychoric": (None, lambda _: pm.polychoric(frame)),
        "explore": (None, lambda _: pm.explore(frame, 2)),
        "confirm, wlsmv": (None, lambda _: pm.confirm(model, frame, estimator="wlsmv")),
        "confirm, mlr": (None, lambda _: pm.confirm(model, frame, estimator="mlr")),
        "graded_response": (None, lambda _: pm.graded_response(frame)),
        "persons, eap": (calibrated, lambda fit: fit.persons("eap")),
        "persons, wle": (calibrated, lambda fit: fit.persons("wle")),
        "item_fit": (calibrated, lambda fit: fit.item_fit()),
        "model_fit": (calibrated, lambda fit: fit.model_fit()),
        "scalability": (None, lambda _: pm.scalability(frame)),
    }


def products(name, j, n):
    """Operations in the products of matrices that the call cannot do without."""
    pairs, thresholds = j * (j - 1) / 2, j * (K - 1)
    tables = n * (j * K) ** 2  # counts of the answers to every two items
    return {
        "polychoric": tables,
        "explore": tables,
        "confirm, wlsmv": tables + n * (pairs + thresholds) ** 2,
        "persons, eap": 2.0 * n * j * K * NODES,
    }.get(name)


def one(name, n_items, n_persons):
    """Print seconds and megabytes of one call, as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    for size in ((6, 300), (n_items, n_persons)):  # the first loads what is needed
        prepare, job = jobs(answers(*size))[name]
        prepared = prepare() if prepare else None
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        job(prepared)
        seconds = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([seconds, (after - before) / 1024]))


def measured(name, n_items, n_persons):
    """Return seconds and megabytes, from a process of its own; NaN beyond the limit."""
    command = [sys.executable, __file__, "--one", name, str(n_items), str(n_persons)]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return [np.nan, np.nan]
    run.check_returncode()
    return json.loads(run.stdout.splitlines()[-1])


def product_rate(size=1000):
    """Return the machine's 10^9 operations a second in a product of matrices."""
    square = np.random.default_rng(1).normal(size=(size, size))
    seconds = []
    for _ in range(5):
        start = time.process_time()
        square @ square
        seconds.append(time.process_time() - start)
    return 2e-9 * size**3 / min(seconds)


def exponent(sizes, seconds, axis):
    """Power of the size in the seconds, between the two sizes."""
    ratio = sizes[1][axis] / sizes[0][axis]
    return np.log(seconds[1] / seconds[0]) / np.log(ratio)


def row(name, grid, machine):
    """Return a call's line of the table."""
    cost = {way: [measured(name, *size) for size in grid[way]] for way in grid}
    powers = [
        exponent(grid[way], [seconds for seconds, _ in cost[way]], axis)
        for axis, way in enumerate(grid)
    ]
    cells = [
        f"{seconds:.2f} s, {memory:.0f} MB" if seconds == seconds else f"over {LIMIT} s"
        for way in grid
        for seconds, memory in cost[way]
    ]
    operations = products(name, *grid["persons"][1])
    share = ""
    if operations:
        rate = 1e-9 * operations / cost["persons"][1][0]
        share = f"{rate:.1f} ({rate / machine:.0%})"
    shown = ("" if np.isnan(power) else f"{power:.1f}" for power in powers)
    return [name, *cells, *shown, share]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--calls", nargs="+", help="only these lines of the table")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, n_items, n_persons = options.one
        return one(name, int(n_items), int(n_persons))
    grid, machine = LARGE if options.large else SMALL, product_rate()
    sizes = [f"{j} x {n}" for way in grid.values() for j, n in way]
    print(f"a product of matrices: {machine:.1f} x 10^9 operations a second\n")
    head = ["call", *sizes, "items^", "persons^", "10^9 a second"]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for name in options.calls or jobs(answers(3, 50)):
        print(f"| {' | '.join(row(name, grid, machine))} |", flush=True)


if __name__ == "__main__":
    main()
