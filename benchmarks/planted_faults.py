"""Whether `prom reduce` finishes, and what it finds, where the faults are known.

    PYTHONPATH=. python benchmarks/planted_faults.py [SEEDS]

Ten banks (or SEEDS of them; 2 for a look) of 72 items and 600 persons with twelve
faults each, by the command with its defaults and groups; then banks of 12 items in
which one item is dead in one way. Prints a line for each.
"""

import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from click.testing import CliRunner

from surveyapp.cli import main
from tests.psychometrics.reduction.planted import found, planted_bank


def reduced(answers, domains, folder, *, groups=None):
    """(Exit code, what was said, ledger or None) of `prom reduce` with its defaults."""
    path, out = folder / "answers.csv", folder / "out"
    answers.to_csv(path, index=False)
    scales = ";".join(f"{d}={','.join(items)}" for d, items in domains.items())
    typed = ["reduce", str(path), "--scales", scales, "--out", str(out)]
    typed += ["--groups", groups] if groups else []
    done = CliRunner().invoke(main, typed)
    ledger = pd.read_csv(out / "ledger.csv") if done.exit_code == 0 else None
    return done.exit_code, done.stderr, ledger


def of_seed(seed, folder):
    """One line on a bank with twelve faults."""
    answers, domains, groups, faults = planted_bank(seed)
    answers = answers.assign(group=groups["group"])
    code, said, ledger = reduced(answers, domains, folder, groups="group")
    if code:
        return f"seed {seed:2d}  ended with {code}: {said[-200:]}"
    caught, sound = found(SimpleNamespace(ledger=ledger), faults)
    missed = sorted(faults[item] for item in set(faults) - caught)
    return (
        f"seed {seed:2d}  finished, {len(caught)} of {len(faults)} faults flagged, "
        f"{len(sound)} of 60 sound items flagged; missed: {', '.join(missed) or 'none'}"
    )


def dead_banks(rng):
    """(What is dead, answers, domains), of twelve sound items and 400 persons."""
    theta = rng.standard_normal((400, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    latent = 0.75 * np.repeat(theta, 6, axis=1) + 0.66 * rng.standard_normal((400, 12))
    domains = {d: [f"{d}{k}" for k in range(1, 7)] for d in "ab"}
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1.0
    sound = pd.DataFrame(codes, columns=sum(domains.values(), []))
    sound["sex"] = np.where(np.arange(400) % 2, "f", "m")
    nearly = np.where(sound.index < 8, 2.0, 3.0)
    two = {d: items[:2] for d, items in domains.items()}
    yield "a constant item", sound.assign(a1=3.0), domains
    yield "an exact copy", sound.assign(a1=sound["a2"]), domains
    yield "an empty column", sound.assign(a1=np.nan), domains
    yield "an item at 98 %", sound.assign(a1=nearly), domains
    yield "two items a domain", sound, two
    yield "one scale", sound, {"a": domains["a"]}


def of_dead(what, answers, domains, folder):
    """One line on a bank in which something is dead."""
    code, said, ledger = reduced(answers, domains, folder, groups="sex")
    if code:
        return f"{what:18s}  ended with {code}: {said[-200:]}"
    flags = ledger[ledger["flagged"]].groupby("item")["statistic"].agg(", ".join)
    listed = "; ".join(f"{item}: {names}" for item, names in flags.items())
    return f"{what:18s}  finished; flagged {listed or 'nothing'}"


def run(n_seeds):
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, n_seeds + 1):
            print(of_seed(seed, Path(folder)), flush=True)
        for bank in dead_banks(np.random.default_rng(5)):
            print(of_dead(*bank, Path(folder)), flush=True)


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
