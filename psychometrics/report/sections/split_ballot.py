"""Two wordings of the answers, each given to half: how the halves differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from scipy.special import stdtrit

from ...scores.intervals import proportion_interval
from ..document import Section, Table

if TYPE_CHECKING:
    from ..study import Study

LEAST = 10  # people with an answer in each half
REASON = "a reason that counts as the lowest"


def split_ballot(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Differences of item means and of category use between variants of a form."""
    if study.variants is None:
        return None
    given = study.variants.reindex(study.responses.index).dropna().astype(str)
    counts = given.value_counts().sort_index()
    letters = list(counts.index[counts >= LEAST])
    if len(letters) < 2:
        return None
    first, *others = letters
    halves = {
        letter: study.responses.loc[given.index[given == letter]] for letter in letters
    }
    means = pd.concat(
        [_means(halves[first], halves[other]).assign(variant=other) for other in others]
    )
    uses = pd.concat(
        [_uses(study, halves[first], halves[o]).assign(variant=o) for o in others]
    )
    if means.empty:
        return None
    people = ", ".join(f"{letter}: {len(halves[letter])}" for letter in letters)
    return Section(
        key="split_ballot",
        title="Variants of the form",
        plain=f"People were given variants by turns ({people}). {_reading(means)}",
        tables=(
            Table(
                name="Item means by variant",
                caption=f"Mean of each item in variant {first} and in another, and "
                "their "
                "difference with a 95 % interval (Welch, 1947). Reasons that count as "
                "the lowest category are in it.",
                frame=means.set_index("variant", append=True),
            ),
            Table(
                name="Category use by variant",
                caption=f"Percent of the answers to each item in variant {first} and "
                "in "
                "another, and their difference with a 95 % interval (Newcombe, 1998, "
                "method 10).",
                frame=uses.set_index("variant", append=True),
                digits=1,
            ),
        ),
        notes=(
            "With 95 % intervals about one item in twenty differs by chance. Items "
            "whose answers read the same in both variants are a check: they should "
            "not differ.",
        ),
    )


def _means(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """A row an item that enough people answered in both halves."""
    rows = {}
    for item in one.columns:
        x, y = one[item].dropna(), other[item].dropna()
        if min(len(x), len(y)) < LEAST:
            continue
        spread = x.var() / len(x), y.var() / len(y)
        total = sum(spread)
        difference, margin = y.mean() - x.mean(), 0.0
        if total > 0:
            # Satterthwaite's degrees of freedom.
            below = spread[0] ** 2 / (len(x) - 1) + spread[1] ** 2 / (len(y) - 1)
            margin = stdtrit(total**2 / below, 0.975) * total**0.5
        rows[item] = {
            "n first": len(x),
            "n other": len(y),
            "mean first": x.mean(),
            "mean other": y.mean(),
            "difference": difference,
            "lower": difference - margin,
            "upper": difference + margin,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")


def _uses(study: Study, one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """A row an item and category: percent of each half, and the difference."""
    low, high = study.categories
    rows = []
    for item in one.columns:
        halves = [_named(study, half[item].dropna()) for half in (one, other)]
        if min(map(len, halves)) < LEAST:
            continue
        named = [*map(str, range(low, high + 1))]
        if any(REASON in half.unique() for half in halves):
            named = [REASON, *named]
        for name in named:
            counts = [int((half == name).sum()) for half in halves]
            sizes = [len(half) for half in halves]
            rows.append({"item": item, "category": name, **_gap(counts, sizes)})
    return pd.DataFrame(rows).set_index(["item", "category"]) if rows else _nothing()


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []]))


def _named(study: Study, answers: pd.Series) -> pd.Series:
    """Codes as text, with reasons that count as the lowest apart."""
    names = answers.astype(int).astype(str)
    if study.as_lowest is None or answers.name not in study.as_lowest:
        return names
    return names.mask(study.as_lowest.loc[answers.index, answers.name], REASON)


def _gap(counts: Sequence[int], sizes: Sequence[int]) -> dict[str, float]:
    """Difference of two proportions by Wilson's interval of each (method 10)."""
    (p, p_low, p_high), (q, q_low, q_high) = (
        proportion_interval(count, size)[["share", "lower", "upper"]]
        for count, size in zip(counts, sizes)
    )
    down = ((q - q_low) ** 2 + (p_high - p) ** 2) ** 0.5
    up = ((q_high - q) ** 2 + (p - p_low) ** 2) ** 0.5
    found = {"first": p, "other": q, "difference": q - p}
    found |= {"lower": q - p - down, "upper": q - p + up}
    return {name: 100 * value for name, value in found.items()}


def _reading(means: pd.DataFrame) -> str:
    apart = means[(means["lower"] > 0) | (means["upper"] < 0)]
    largest = means.loc[means["difference"].abs().idxmax()]
    if isinstance(largest, pd.DataFrame):
        largest = largest.iloc[0]
    return (
        f"{len(apart)} of {len(means)} differences of item means have an interval "
        f"without nought; the largest is {largest['difference']:+.2f} "
        f"({largest.name})."
    )
