"""Whether scores of service users and carers may stand beside each other.

Each scale by itself, over the items that both forms hold in the same version: the
ladder of thresholds, loadings and intercepts (Wu & Estabrook, 2016), freeing items one
at a time where a step is rejected. Invariance is partial as long as half of a scale's
items or more are equal in everything; an item that only one form holds is not.
"""

import re
import warnings
from pathlib import Path

from ... import bank
from ...assessments.labels import PERSPECTIVES
from ...errors import NothingToExport
from ...table_files.raw_table import InvalidTable, RawTable
from ..exports.export import tables
from ..files.answer_table import answers_of
from ..files.codebook import codebook_of

PAIR = ("service_user", "carer")
LEAST = 200  # people of each perspective
ITEMS = 3  # of a scale that both forms hold
THIN = 5  # answers in a category of either; a thinner one joins its neighbour
STEPS = ("thresholds", "loadings", "intercepts")
ALPHA = 0.05
SETTLED = 96  # the question about the plan answered it
LEAST_CFI = 0.90  # below it the model fits neither, and equality says nothing


def answers_of_both(session, campaign):
    """Perspective -> persons x items of who answered first; None where one is asked.

    Nor where a form adapts: its people answered other items each.
    """
    if not {*PAIR} <= {*campaign.perspectives}:
        return None
    if any(bank.instrument(campaign.instrument_ref(who)).adaptive for who in PAIR):
        return None
    return {who: _answers(session, campaign, who) for who in PAIR}


def _answers(session, campaign, perspective):
    import pandas as pd

    form = bank.instrument(campaign.instrument_ref(perspective))
    items = [item.id for item in form.items]
    try:
        exported = tables(session, campaign, perspective)
    except NothingToExport:
        return pd.DataFrame(columns=items)
    header, *cells = exported.answers
    wave, book = header.index("wave"), codebook_of(exported.meanings)
    first = [row for row in cells if str(row[wave]) == "1"]
    text = [["" if cell is None else str(cell) for cell in row] for row in first]
    raw = RawTable("responses.csv", tuple(header), dict(enumerate(text, 2)))
    try:
        table = answers_of(
            raw,
            items,
            path=Path(raw.name),
            categories=book.categories,
            missing=(),
            codebook=book,
        )
    except InvalidTable:  # such as items that nobody answered yet
        return pd.DataFrame(columns=items)
    settled = table.stated.eq(SETTLED).set_axis(table.items.index, axis=0)
    return table.items.mask(settled)


def shared_scales(instruments):
    """Scale -> items of the same version in both forms, and all others of either."""
    forms = [bank.instrument(ref) for ref in instruments.values()]
    refs = [{item.id: item.ref for item in form.items} for form in forms]
    found = {}
    for scale in bank.PREREQUISITES:
        every = dict.fromkeys(i for form in forms for i in form.scales.get(scale, ()))
        shared = [i for i in every if len({each.get(i) for each in refs}) == 1]
        found[scale] = shared, [i for i in every if i not in shared]
    return found


def compare(answers, instruments):
    """What a run keeps of the comparison, as plain values.

    Parameters
    ----------
    answers : dict
        Perspective -> persons x items, integer codes, NaN where nobody answered or
        the question about the plan settled it.
    instruments : dict
        Perspective -> reference of its form, in the same order.

    Returns
    -------
    dict
        `instruments`, `n` by perspective, and `scales`: scale -> `verdict` (scalar,
        partial, none or unknown), `freed` items, `apart`, those that only one form
        holds, `points` by which what is not equal moves the second perspective's mean
        (0 to 100; None where that is not known), and `why`.
    """
    n = {who: len(table) for who, table in answers.items()}
    few = [f"{PERSPECTIVES[w].many.lower()} {k}" for w, k in n.items() if k < LEAST]
    scales = {}
    for scale, (items, apart) in shared_scales(instruments).items():
        if few:
            found = _unknown(f"it takes {LEAST} of each: {', '.join(few)}")
        elif len(items) < ITEMS:
            found = _unknown(f"it takes {ITEMS} items that both forms hold")
        else:
            found = _of_scale(answers, scale, items)
        scales[scale] = _with_apart(found, items, apart)
    return {"instruments": dict(instruments), "n": n, "scales": scales}


def _of_scale(answers, scale, items):
    import pandas as pd

    from psychometrics import (
        HeywoodWarning,
        PsychometricsError,
        invariance,
        one_factor_model,
    )

    table = pd.concat(answers, names=["perspective", "person"])[items]
    groups = pd.Series(table.index.get_level_values("perspective"))
    table = table.reset_index(drop=True)
    n_steps = (table.max() - table.min()).max()
    table = table.apply(lambda column: joined(column, groups))
    table = table.loc[table.notna().any(axis=1), table.nunique() > 1]
    if table.shape[1] < ITEMS:
        return _unknown("too few categories of its items are in use")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", HeywoodWarning)
            found = invariance(
                one_factor_model([*table.columns], factor=scale),
                table,
                groups[table.index],
                steps=STEPS,
                partial=True,
                alpha=ALPHA,
                max_released=max(1, table.shape[1] // 2),
            )
            tested = [*table.columns]
            verdict = _verdict(found, scale, tested, n_steps)
            return _with_untested(verdict, [i for i in items if i not in tested])
    except (PsychometricsError, HeywoodWarning) as problem:
        return _unknown(str(problem))


def joined(column, groups):
    """Codes of an item, each category with enough answers of either perspective.

    From the lowest up, a category with too few of either joins the next one; what is
    left at the top joins the one below.
    """
    into, together, n = {}, [], 0
    for code in sorted(column.dropna().unique()):
        together.append(code)
        if column.isin(together).groupby(groups).sum().min() >= THIN:
            into |= dict.fromkeys(together, n)
            together, n = [], n + 1
    into |= dict.fromkeys(together, max(n - 1, 0))
    return column.map(into)


def _verdict(found, scale, items, n_steps):
    from psychometrics.measurement_invariance.effect_sizes import score_differences

    table = found.to_frame()
    if not table["cfi"].iloc[0] > LEAST_CFI:
        return _unknown(f"the model fits neither (CFI {table['cfi'].iloc[0]:.2f})")
    freed = [item for item in items if _is_in(item, found.released["parameter"])]
    held = {"freed": freed, "points": 0.0, "why": ""}
    if rejected := [step for step in STEPS if table["p"][step] < ALPHA]:
        why = f"equal {rejected[0]} are rejected"
        return held | {"verdict": "none", "points": None, "why": why}
    if not freed:
        return held | {"verdict": "scalar"}
    effect = score_differences(found.fitted[-1], {scale: items})["signed"].iloc[0]
    points = round(100 * float(effect) / float(n_steps), 1)
    return held | {"verdict": "partial", "points": points}


def _with_untested(found, untested):
    """The same, items of which too few answers tell anything taken for unequal."""
    if not untested or found["verdict"] not in ("scalar", "partial"):
        return found
    why = f"too few answers to test {', '.join(untested)}"
    freed = [*found["freed"], *untested]
    return found | {"verdict": "partial", "freed": freed, "points": None, "why": why}


def _is_in(item, parameters):
    """Whether a threshold, loading or intercept of an item is among parameters."""
    return any(re.search(rf"(?<!\w){item}(?!\w)", each) for each in parameters)


def _with_apart(found, items, apart):
    """The same, items that only one form holds taken for such as are not equal."""
    found = found | {"apart": apart}
    if found["verdict"] not in ("scalar", "partial"):
        return found
    if 2 * (len(found["freed"]) + len(apart)) > len(items) + len(apart):
        why = "most of its items are not equal"
        return found | {"verdict": "none", "points": None, "why": why}
    return found | ({"verdict": "partial", "points": None} if apart else {})


def _unknown(why):
    return {"verdict": "unknown", "freed": [], "points": None, "why": why}
