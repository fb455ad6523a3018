"""Who answered, how much is missing, and whether that is enough."""

import pandas as pd

from .. import criteria
from ..document import Figure, Section, Table
from ..figures import BLUE


def sample(study, earlier):
    """Counts of people and answers, by group, and what is missing."""
    missing = study.responses.isna()
    share = 100 * missing.to_numpy().mean()
    n_complete = len(study.complete)
    return Section(
        key="sample",
        title="Sample and missing answers",
        plain=(
            f"{study.n_persons} people answered {len(study.items)} items; "
            f"{share:.1f} % of the answers are missing and {n_complete} people "
            "answered every item."
        ),
        verdicts=(criteria.sample_size(study.n_persons, len(study.items)),),
        tables=(_per_person(missing), *_groups(study), *_reasons(study)),
        figures=(_per_item(missing),) if share else (),
        notes=("Nobody was left out for a missing answer: estimates use every pair.",),
    )


def _per_person(missing):
    counts = missing.sum(axis=1).value_counts().sort_index()
    frame = pd.DataFrame({"people": counts, "share, %": 100 * counts / len(missing)})
    frame.index.name = "items unanswered"
    return Table("Missing by person", "How many items people left out.", frame, 1)


def _groups(study):
    if study.groups is None:
        return ()
    counts = study.groups.value_counts(dropna=False).sort_index()
    frame = pd.DataFrame({"people": counts, "share, %": 100 * counts / counts.sum()})
    frame.index.name = str(study.groups.name or "group")
    return (Table("Groups", "How many people each group has.", frame, 1),)


def _reasons(study):
    if study.missing_reasons is None:
        return ()
    frame = study.missing_reasons
    return (
        Table(
            "Reasons",
            "Why an answer is not a category, as the people themselves said.",
            frame,
            0,
        ),
    )


def _per_item(missing):
    shares = 100 * missing.mean()

    def draw(ax):
        ax.bar(range(len(shares)), shares, color=BLUE)
        ax.set_xticks(range(len(shares)), shares.index, rotation=90, fontsize=8)
        ax.set_ylabel("missing, %")

    return Figure(
        "missing_by_item",
        "Missing answers by item.",
        f"Bars, one an item: from {shares.min():.1f} % to {shares.max():.1f} % "
        f"missing, most for {shares.idxmax()}.",
        draw,
    )
