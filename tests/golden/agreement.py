"""Compares every cell with its reference, and keeps the largest difference seen."""

import json
import os
from pathlib import Path

import numpy as np

LEDGER = Path("build") / "agreement"


def compare(procedure, ours, theirs, *, atol=0.0, rtol=0.0):
    """Assert that each cell agrees within atol + rtol * |theirs|, and record it.

    `procedure` names the row of docs/methods/agreement.md that this belongs to.
    Both sides must have the same shape; frames are matched by label first. A cell
    that is missing on one side alone is a failure.
    """
    if hasattr(ours, "reindex_like") and hasattr(theirs, "reindex_like"):
        theirs = theirs.reindex_like(ours) if theirs.shape == ours.shape else theirs
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, f"{procedure}: {ours.shape} and {theirs.shape}"
    assert ours.size, f"{procedure}: nothing to compare"
    assert (np.isnan(ours) == np.isnan(theirs)).all(), f"{procedure}: missing cells"
    gap = np.abs(ours - theirs)
    allowed = atol + rtol * np.abs(theirs)
    known = ~np.isnan(gap)
    _record(procedure, gap[known], theirs[known], atol, rtol)
    worst = np.unravel_index(np.argmax(np.where(known, gap - allowed, -1)), gap.shape)
    assert (gap[known] <= allowed[known]).all(), (
        f"{procedure}: {int((gap[known] > allowed[known]).sum())} of {known.sum()} "
        f"cells differ; worst at {worst}: {ours[worst]!r} against {theirs[worst]!r}"
    )


def _record(procedure, gap, theirs, atol, rtol):
    if not gap.size:
        return
    relative = gap / np.maximum(np.abs(theirs), 1e-12)
    row = {
        "procedure": procedure,
        "cells": int(gap.size),
        "absolute": float(gap.max()),
        "relative": float(relative[np.abs(theirs) > 1e-6].max(initial=0.0)),
        "atol": atol,
        "rtol": rtol,
    }
    LEDGER.mkdir(parents=True, exist_ok=True)
    with open(LEDGER / f"{os.getpid()}.jsonl", "a") as lines:
        lines.write(json.dumps(row) + "\n")
