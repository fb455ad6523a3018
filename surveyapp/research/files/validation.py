"""Runs the validation of one table of answers and keeps the report as a folder."""

import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal

import pandas as pd

from psychometrics import InvalidResponses, PsychometricsError, validation_report
from psychometrics.report import Occasions

from .atomic_write import check_replaceable
from .occasions import part
from .progress import in_two_parts
from .report_folder import MARK, N_STEPS, keep

__all__ = [
    "InvalidResponses",
    "PsychometricsError",
    "keep",
    "validate_table",
    "workers",
]

# Where an export says whose row it is and of which time; see assessment_columns.
EXPORTED = Occasions("person", "wave", "1", "2", "3")
NO_PLAN = 96  # an item that the question about the plan settled as the lowest
SAME = ("no", "same")  # as the first and the second version ask whether it changed
MORE = 3  # "A little more than before", of the question on change since last time


def validate_table(
    table,
    out,
    scales,
    *,
    reverse=None,
    categories=None,
    groups=None,
    plan=None,
    population=None,
    progress=None,
    **options,
):
    """Write a report on answers into the folder `out`; see `report_folder`.

    `table` is what `read_answers` gave; `plan` what `plans.read_plan` gave, which is
    kept beside the report; `population` is a table as `population` reads it. What is
    not given is taken from the plan; groups that are False are none, whatever it
    says. Returns the folder's path.

    Raises
    ------
    InvalidTable, InvalidResponses
        When the answers cannot be used.
    """
    out = Path(out)
    estimating, writing = in_two_parts(progress, N_STEPS)
    check_replaceable(out, MARK)
    items = {item for members in scales.values() for item in members}
    source = _source(table.path, table.others)
    table, retest, follow_up = part(table, _occasions(plan, table))
    if plan is None or plan.stable is None:
        retest = who_was_stable(retest)
    if plan is None or plan.anchor is None:
        follow_up = who_improved(follow_up)
    report = validation_report(
        table.items,
        scales=scales,
        reverse=[item for item in reverse if item in items] if reverse else None,
        categories=categories,
        groups=table.others[groups] if groups else groups,
        background=table.others,
        applies=table.applies,
        **gate_of(table),
        as_lowest=reasons_as_lowest(table),
        variants=variants_in(table),
        retest=retest,
        follow_up=follow_up,
        population=population,
        plan=plan,
        source=source,
        missing_reasons=table.reasons,
        progress=estimating,
        **options,
    )
    return keep(report, out, plan_text=plan.text if plan else "", progress=writing)


def gate_of(table):
    """Which answers of an export the question about the plan settled, and in doubt."""
    if table.codebook is None or "care_plan" not in table.others:
        return {}
    assumed = table.stated.eq(NO_PLAN).set_axis(table.items.index, axis=0)
    in_doubt = table.others["care_plan"].eq("not_sure").fillna(False).astype(bool)
    return {"assumed": assumed, "in_doubt": in_doubt}


def reasons_as_lowest(table):
    """Where a reason that a person gave counts as the lowest; None without any."""
    if table.codebook is None:
        return None
    codes = {
        item: [c for c, (_, counts) in reasons.items() if counts == "lowest"]
        for item, reasons in table.codebook.reasons.items()
        if item in table.stated
    }
    made = {
        item: table.stated[item].isin(set(told) - {NO_PLAN})
        for item, told in codes.items()
    }
    found = pd.DataFrame(made).set_axis(table.items.index, axis=0)
    return found if found.to_numpy().any() else None


def variants_in(table):
    """The variant of the form that each person was given; None where it was one."""
    if table.codebook is None or "variant" not in table.others:
        return None
    given = table.others["variant"]
    return given if given.nunique() > 1 else None


def _occasions(plan, table):
    """As the plan says; where it says nothing, an export does by its own columns."""
    if plan is not None and plan.occasions is not None:
        return plan.occasions
    return _exported(table.others) if table.codebook else None


def _exported(others):
    """Which wave is the retest and which the follow-up, by what was asked in each."""
    if "wave" not in others:
        return EXPORTED
    waves = {
        kind: sorted(others.loc[others[question].notna(), "wave"].unique(), key=int)
        for kind, question in (("retest", "stability"), ("follow_up", "transition"))
        if question in others
    }
    asked = {kind: found[0] for kind, found in waves.items() if len(found)}
    if not asked:
        return EXPORTED
    return replace(EXPORTED, **({"retest": None, "follow_up": None} | asked))


def who_was_stable(retest):
    """An export's retest, with those who said that nothing had changed as stable."""
    if retest is None or "stability" not in retest.background:
        return retest
    said = retest.background["stability"]
    return retest if said.isna().all() else replace(retest, stable=said.isin(SAME))


def who_improved(follow_up):
    """An export's follow-up, with what people said of change as its anchor.

    For who said that the change does not matter to them, it is none to the better.
    """
    if follow_up is None or "transition" not in follow_up.background:
        return follow_up
    rated = pd.to_numeric(follow_up.background["transition"], errors="coerce")
    if rated.isna().all():
        return follow_up
    if "transition_importance" in follow_up.background:
        matters = follow_up.background["transition_importance"]
        rated = rated.mask(matters.eq("not").fillna(False), rated.clip(upper=MORE - 1))
    return replace(follow_up, anchor=rated.astype(float), improved_from=MORE)


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
