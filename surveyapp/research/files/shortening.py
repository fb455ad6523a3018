"""From a file of answers to fewer items: the ledger, and the best short form."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

import psychometrics as pm
from psychometrics.items.short_forms import calibrated_information

from ...csv_cells import frame_text
from ...software import SOFTWARE
from ...table_files.raw_table import InvalidTable
from .answer_settings import write_settings
from .answer_table import read_cells
from .atomic_write import whole_folder
from .earlier_reduction import MARK, READ_WITH

THETA = tuple(np.linspace(-2, 1, 7))  # where most people stand: few feel involved
REFUSALS = (InvalidTable, pm.PsychometricsError)


def read_votes(path):
    """Item -> keep or drop, by the majority of a CSV with columns item and vote."""
    try:
        return pm.tally_votes(read_cells(path))
    except pm.InvalidResponses as problem:
        raise InvalidTable(f"{Path(path).name}: {problem}") from problem


def read_content(path):
    """Ratings of content: a CSV with columns item and relevance, clarity or i_cvi."""
    path = Path(path)
    table = read_cells(path)
    known = [name for name in ("relevance", "clarity", "i_cvi") if name in table]
    if "item" not in table or not known:
        raise InvalidTable(
            f"{path.name}: columns item and relevance, clarity or i_cvi are needed"
        )
    numbers = table[known].apply(pd.to_numeric, errors="coerce")
    wrong = (table[known] != "") & ~numbers.apply(lambda c: c.between(0, 1))
    if wrong.to_numpy().any():
        row, column = wrong.stack().idxmax()
        raise InvalidTable(
            f"{path.name}: column {column}, row {row}: "
            f"{table.loc[row, column]!r} is not a share between 0 and 1"
        )
    return numbers.set_index(table["item"])


def read_rules(path):
    """The stages of a reduction, as `rules.yaml` of an earlier one has them."""
    path = Path(path)
    try:
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [pm.Rule(**rule) for rule in listed]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as problem:
        raise InvalidTable(
            f"{path.name}: not a list of rules with stage, statistic, limit and "
            f"source: {str(problem).splitlines()[0]}"
        ) from problem


def reduce_table(table, settings, out, *, rules=None, seed=1, **options):
    """Write the ledger of a reduction into the folder `out`; return the result.

    Files: ledger.csv (a row an item and rule), decisions.csv (a row an item, what
    `prom bank publish-form` reads), flow.csv and flow.svg, rules.yaml, the settings
    that the answers were read with (what `prom shorten` reads), about.json.
    """
    scales = settings.scales
    rules = list(rules or pm.DEFAULT_RULES)
    with whole_folder(out, MARK) as folder:
        reduction = pm.reduce_items(
            table.items, scales, rules=rules, rng=seed, **options
        )
        _write(reduction.ledger, folder / "ledger.csv", index=False)
        _write(reduction.decisions, folder / "decisions.csv")
        _write(reduction.flow().rename_axis("step"), folder / "flow.csv")
        _draw(reduction, folder / "flow.svg", size=(6, 7))
        rules_text = yaml.safe_dump([asdict(rule) for rule in rules], sort_keys=False)
        (folder / "rules.yaml").write_text(rules_text, encoding="utf-8")
        write_settings(folder / READ_WITH, settings)
        resamples = {"n_resamples": reduction.n_replications}
        about = _about(table, scales, seed, **resamples, notes=reduction.notes)
        (folder / MARK).write_text(about, encoding="utf-8")
    return reduction


def shorten_table(
    table,
    scales,
    out,
    *,
    n_items,
    retained=None,
    seed=1,
    together=False,
    forced=(),
    **options,
):
    """Choose a short form on one half of the persons and check it on the other.

    Files: form.csv (what `prom bank publish-form` reads; with `retained` each item
    with its flags), comparison.csv (each score of the full bank beside the form's, on
    persons who did not choose it), fit.csv, information.csv and .svg, about.json.
    Returns the form, its comparison and what a reader must know.
    """
    choosing, checking = pm.split_half_sample(
        table.items, rng=np.random.default_rng(seed)
    )
    scales, notes = _usable(choosing, scales, forced)
    notes += () if together else _equal_slopes(scales)
    with whole_folder(out, MARK) as folder:
        information = _information(choosing, scales, together)
        form = pm.assemble(information, scales, n_items, forced=forced, **options)
        compared = pm.compare_forms(checking, form.form(), scales, together=together)
        frame = form.to_frame()
        if retained is not None:
            frame = frame.join(retained.said)
            notes += retained.notes(frame, table)
        _write(frame, folder / "form.csv")
        _write(compared.to_frame(), folder / "comparison.csv")
        _write(compared.fit, folder / "fit.csv")
        _write(_flat(compared.information), folder / "information.csv")
        _draw(compared, folder / "information.svg", size=(6, 4))
        about = _about(
            table,
            scales,
            seed,
            criterion=form.criterion,
            objective=form.objective,
            gap=form.gap,
            n_chosen_on=len(choosing),
            n_checked_on=len(checking),
            notes=[*notes, *compared.notes],
        )
        (folder / MARK).write_text(about, encoding="utf-8")
    return form, compared, notes


def _write(frame, path, *, index=True):
    path.write_text(frame_text(frame, index=index), encoding="utf-8")


def _usable(choosing, scales, forced):
    """The scales without items that tell nobody apart, and a note about each such."""
    counts, seen, notes, left = choosing.nunique(), {}, [], {}
    for name, items in scales.items():
        left[name] = []
        for item in items:
            twin = seen.setdefault(choosing[item].to_numpy().tobytes(), item)
            if counts[item] < 2:
                why = "nobody answered it" if not counts[item] else "all answered alike"
            elif twin != item:
                why = f"the same answers as {twin}"
            else:
                left[name].append(item)
                continue
            if item in forced:
                raise InvalidTable(f"--forced {item}: {why}, so it cannot be chosen")
            notes.append(f"{item} cannot be chosen: {why}.")
    empty = [name for name, items in left.items() if not items]
    if empty:
        raise InvalidTable(f"scale {empty[0]} has no item that can be chosen")
    return left, notes


def _equal_slopes(scales):
    for name, items in scales.items():
        if len(items) == 2:
            yield f"{name} has two items, whose slopes are taken as equal."


def _flat(information):
    """The curves with one row of names."""
    return information.set_axis([", ".join(c) for c in information.columns], axis=1)


def _information(answers, scales, together):
    """Items x levels of theta, from a response model for each scale."""
    groups = [sum(scales.values(), [])] if together else scales.values()
    few = [name for name, items in scales.items() if len(items) < 2]
    if few and not together:
        raise InvalidTable(
            f"scale {few[0]} has one item that can be chosen, too few for a "
            "calibration of its own; calibrate all as one scale with --together"
        )
    return pd.concat(
        calibrated_information(answers[list(items)], list(THETA)).drop(columns="test").T
        for items in groups
    )


def _draw(result, path, *, size):
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    result.plot(ax=figure.subplots())
    figure.savefig(path)


def _about(table, scales, seed, **more):
    about = {
        "source": table.path.name,
        "data_sha256": hashlib.sha256(table.path.read_bytes()).hexdigest(),
        "n_persons": len(table.items),
        "scales": scales,
        "seed": seed,
        "software": f"care-planning-survey {SOFTWARE}",
        **more,
    }
    return json.dumps(about, indent=1) + "\n"
