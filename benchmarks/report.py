"""A whole validation report beside the estimates it rests on, in one run.

    PYTHONPATH=. python benchmarks/report.py

2436 persons, 25 items in five scales (psych's bfi, complete cases): the report in both
forms, page and PDF, beside polychoric correlations, exploratory and confirmatory
factors and a graded model of each scale, once each. Processor time.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from against_r import cpu_time
from polychoric import bfi

from psychometrics import (
    confirm,
    explore,
    graded_response,
    polychoric,
    validation_report,
)

SCALES = {key: [f"{key}{n}" for n in range(1, 6)] for key in "ACENO"}
REVERSE = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
MODEL = "\n".join(f"{key} =~ {' + '.join(items)}" for key, items in SCALES.items())


def report(answers):
    made = validation_report(answers, scales=SCALES, reverse=REVERSE, categories=(1, 6))
    made.to_html()
    made.to_pdf()


def estimates(answers):
    corr = polychoric(answers).corr
    explore(None, 5, corr=corr, n_obs=len(answers))
    confirm(MODEL, answers, estimator="wlsmv")
    for items in SCALES.values():
        graded_response(answers[items])


if __name__ == "__main__":
    data = bfi()
    ours, parts = (
        cpu_time(lambda: report(data), 1),
        cpu_time(lambda: estimates(data), 1),
    )
    print(f"report : its estimates: {ours / parts:.1f} ({ours:.1f} s of {parts:.1f} s)")
