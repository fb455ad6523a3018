"""Runs the validation of one file of answers and keeps the report as a folder."""

import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal

from psychometrics import InvalidResponses, PsychometricsError, validation_report
from psychometrics.report import Occasions

from .folders import check_replaceable
from .keeping import MARK, N_STEPS, keep
from .occasions import part
from .population import read_population
from .progress import in_two_parts
from .tables import read_answers

__all__ = ["InvalidResponses", "PsychometricsError", "keep", "validate_file", "workers"]

# Where an export says whose row it is and of which time; see about.COLUMNS.
EXPORTED = Occasions("person", "wave", "1", "2", "3")


def validate_file(
    path,
    out,
    scales,
    *,
    reverse=None,
    categories=None,
    missing=(),
    groups=None,
    codebook=None,
    plan=None,
    population=None,
    progress=None,
    **options,
):
    """Write a report on one file of answers into the folder `out`; see `keeping`.

    `plan` is what `plans.read_plan` gave, and is kept beside the report; `population`
    is the path of a table. What is not given is taken from the plan. Returns the
    folder's path.

    Raises
    ------
    InvalidTable, InvalidResponses
        When the answers cannot be used.
    """
    out = Path(out)
    estimating, writing = in_two_parts(progress, N_STEPS)
    check_replaceable(out, MARK)
    if plan is not None and scales is None:
        scales = plan.scales
    planned = plan.categories if plan else None
    items = list(dict.fromkeys(i for members in scales.values() for i in members))
    table = read_answers(
        path,
        items,
        categories=categories or planned,
        missing=missing or (plan.missing if plan else ()),
        groups=groups,
        codebook=codebook,
    )
    table, retest, follow_up = part(table, _occasions(plan, codebook))
    if plan is None:
        retest = who_was_stable(retest)
    report = validation_report(
        table.items,
        scales=scales,
        reverse=[item for item in reverse if item in items] if reverse else None,
        categories=categories,
        groups=table.others[groups] if groups else None,
        background=table.others,
        applies=table.applies,
        retest=retest,
        follow_up=follow_up,
        population=None if population is None else read_population(population),
        plan=plan,
        source=_source(path, table.others),
        missing_reasons=table.reasons,
        progress=estimating,
        **options,
    )
    return keep(report, out, plan_text=plan.text if plan else "", progress=writing)


def _occasions(plan, codebook):
    """As the plan says; an export without a plan says it by its own columns."""
    if plan is not None:
        return plan.occasions or (EXPORTED if codebook else None)
    return EXPORTED if codebook else None


def who_was_stable(retest):
    """An export's retest, with those who said that nothing had changed as stable."""
    if retest is None or "stability" not in retest.background:
        return retest
    said = retest.background["stability"]
    return retest if said.isna().all() else replace(retest, stable=said.eq("no"))


def _source(path, others):
    """The file's name; made-up answers are never taken for people's."""
    if "synthetic" in others and (others["synthetic"] == "1").any():
        return f"{Path(path).name} (made-up answers, of no real people)"
    return Path(path).name


@contextmanager
def workers(n):
    """Processes for what is many independent fits; None where one is enough.

    They leave Ctrl-C to the process that started them.
    """
    if n < 2:
        yield None
        return
    # Each process is one of many: threads of theirs would only be in the way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    pool = ProcessPoolExecutor(
        n,
        mp_context=get_context("spawn"),
        initializer=signal,
        initargs=(SIGINT, SIG_IGN),
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
