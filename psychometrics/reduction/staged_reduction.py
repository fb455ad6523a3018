"""The staged ledger: flags, decisions and their reasons, one item at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes, Label, Progress, Rng, Scales
from ..errors import InvalidResponses
from ..figures import BLUE, GREY, finish
from ..options import streams
from ..parallel import run_all
from ..resampling import drawn_until, pairs_vary, redrawn_note, usable_rows
from ..responses import check_items_once, check_responses
from ..results import Result, axes
from .assessment import still
from .item_statistics import STATISTICS, Bank
from .ledger import (
    IN_PART,
    NOT_ASSESSED,
    flag_counts,
    gaps_in_resamples,
    gaps_of,
    judge,
)
from .rules import DEFAULT_RULES, Rule
from .votes import VOTES

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

STAGES = {0: "content", 1: "distribution", 2: "structure", 3: "response model"}
DROPPED = "people with lived experience voted to drop it"


@dataclass(frozen=True, eq=False, kw_only=True)
class Reduction(Result):
    """What was flagged, what was decided, why, and what remains.

    Attributes
    ----------
    ledger : DataFrame
        One row an item and rule: stage, statistic, value, limit, outcome (one of
        `ledger.OUTCOMES`), flagged, counts (False where the rule spares the item),
        note (why it was not assessed), source, and what was decided and why.
    decisions : DataFrame
        One row an item: domain, flags, not_assessed (the statistics that nothing is
        known of), decision, reason, order of removal, and the share of resamples in
        which the item was kept (NaN without resamples).
    notes : tuple of str
        What a reader should know of the statistics that were not assessed.
    """

    _headline = ("removed", "retained", "n_persons")

    ledger: pd.DataFrame
    decisions: pd.DataFrame
    n_persons: int
    n_replications: int
    notes: tuple = ()

    @property
    def retained(self) -> list[str]:
        """The items that remain, in the order of the bank."""
        return self.decisions.index[self.decisions["decision"] != "removed"].tolist()

    @property
    def removed(self) -> list[str]:
        """The items that go, in the order in which they went."""
        gone = self.decisions[self.decisions["decision"] == "removed"]
        return gone.sort_values("order").index.tolist()

    def flow(self) -> pd.Series:
        """Counts for a flow diagram: items before, flagged a stage, removed, left."""
        flagged = self.ledger[self.ledger["flagged"]]
        stages = flagged.groupby("stage")["item"].nunique()
        is_judged = self.ledger["outcome"] != NOT_ASSESSED
        judged = self.ledger.loc[is_judged, "stage"]
        names = {stage: STAGES[stage] for stage in sorted(set(judged))}
        steps = {"items in the bank": len(self.decisions)}
        steps |= {f"flagged by {names[s]}": int(stages.get(s, 0)) for s in names}
        dropped = self.decisions["reason"] == DROPPED
        kept = self.decisions["decision"] == "kept by vote"
        if dropped.any() or kept.any():
            steps["kept by vote"] = int(kept.sum())
            steps["dropped by vote"] = int(dropped.sum())
        steps["removed"] = len(self.removed)
        steps["retained"] = len(self.retained)
        return pd.Series(steps, name="items")

    def to_frame(self) -> pd.DataFrame:
        return self.decisions

    def _about(self) -> Sequence[str]:
        return (
            f"{len(self.decisions)} items, {self.n_persons} persons: "
            f"{len(self.removed)} removed, {len(self.retained)} retained.",
        )

    def _caveats(self) -> Sequence[str]:
        advice = "Flags advise; people decide. A vote of keep overrules every flag."
        return (advice, *self.notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the flow of items as in a paper.

        What leaves stands beside a whole arrow, with its items; what was only flagged
        stands beside a dashed line, since nothing leaves by a flag.
        """
        ax = axes(ax)
        flow = self.flow()
        first, *between, last = flow.index
        _box(ax, 0.25, 0.92, f"{first}\nn = {flow[first]}")
        _box(ax, 0.25, 0.08, f"{last}\nn = {flow[last]}")
        ax.annotate("", (0.25, 0.14), (0.25, 0.86), arrowprops=ARROW)
        for y, name in zip(np.linspace(0.78, 0.22, len(between)), between):
            leaves = name == "removed"
            ax.annotate("", (0.45, y), (0.25, y), arrowprops=ARROW if leaves else NOTE)
            text = f"{name}: {flow[name]}"
            if leaves and len(self.removed):
                text += f"\n{_listed(self.removed)}"
            _box(ax, 0.48, y, text, ha="left", dashed=not leaves)
        ax.set_axis_off()
        ax.set(xlim=(0, 1), ylim=(0, 1))
        return finish(ax, f"What became of {flow[first]} items, n = {self.n_persons}")


ARROW = {"arrowstyle": "->", "color": GREY, "shrinkA": 0, "shrinkB": 0}
NOTE = ARROW | {"arrowstyle": "-", "linestyle": "--"}


def _box(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    ha: str = "center",
    dashed: bool = False,
) -> None:
    style = {"boxstyle": "round,pad=0.5", "fc": "white", "ec": BLUE}
    style |= {"linestyle": "--", "ec": GREY} if dashed else {}
    ax.text(x, y, text, ha=ha, va="center", bbox=style)


def _listed(items: Sequence[str], most: int = 9, a_line: int = 3) -> str:
    """The first items by name, a few a line, and how many more there are."""
    names = [str(item) for item in items[:most]]
    if len(items) > most:
        names.append(f"and {len(items) - most} more")
    lines = [names[k : k + a_line] for k in range(0, len(names), a_line)]
    return ",\n".join(", ".join(line) for line in lines)


def reduce_items(
    responses: pd.DataFrame,
    domains: Scales,
    *,
    rules: Sequence[Rule] = DEFAULT_RULES,
    groups: pd.DataFrame | None = None,
    content: pd.DataFrame | None = None,
    votes: pd.Series | Mapping[str, str] | None = None,
    minimum: int | Mapping[str, int] = 2,
    n_flags: int = 2,
    n_replications: int = 0,
    rng: Rng = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Reduction:
    """Flag items by stages and decide, one at a time, which a bank can do without.

    Stages and limits follow COSMIN (Prinsen et al., 2018) and the sources of each rule.

    An item goes when at least `n_flags` counting flags stand against it; the one with
    most goes first, everything is estimated anew, and so on, so that an item which
    was only flagged for its neighbour's sake stays. A domain never falls below its
    minimum. Flags advise: votes of people with lived experience overrule them.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number codes, all keyed one way; NaN where unanswered.
    domains : dict of str to sequence of str
        The items of each content domain.
    rules : sequence of Rule
        Stages, statistics, limits and sources; change them as the study demands.
    groups : DataFrame, shape (n_persons, n_groupings), optional
        Groupings for differential item functioning.
    content : DataFrame, optional
        Content validity as raters gave it, a row an item: any of relevance and clarity
        (share of raters who endorse it, 0 to 1) and i_cvi. Items without a row are
        not flagged for it.
    votes : Series, shape (n_items,), or dict, optional
        Item id -> "keep" or "drop", the decision of people with lived experience;
        `tally_votes` counts single ballots.
    minimum : int or dict of str to int
        Fewest items that each domain must keep.
    n_flags : int
        Counting flags that it takes for an item to go.
    n_replications : int
        Bootstrap resamples of persons in which the flags are counted again, for the
        share in which each item is kept.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    executor, progress
        As in `run_all`, for the resamples.

    Returns
    -------
    Reduction
        A row an item: its flags, what was decided and why; `ledger` has every statistic
        beside its limit.

    Raises
    ------
    InvalidResponses
        Answers that cannot be used, a domain, vote or rating of an unknown item, or
        a rule about an unknown statistic.

    Examples
    --------
    >>> from psychometrics import reduce_items, simulate
    >>> made = simulate.responses(
    ...     200, rng=1, loadings=[[0.7]] * 5 + [[0.05]], thresholds=(-1, 1)
    ... )
    >>> found = reduce_items(made.responses, {"involvement": list(made.responses)})
    >>> found.removed
    ['i6']
    """
    bank = _prepare(responses, domains, groups, content)
    ballot = _checked_votes(bank, votes)
    least = _minima(bank, minimum)
    names = _statistics_of(rules)
    ledger = judge(bank, rules, names)
    order = _remove_in_turn(bank, ledger, rules, names, ballot, least, n_flags)
    kept_share, gaps, n_redrawn = _frequencies(
        bank, rules, n_flags, n_replications, rng, executor, progress
    )
    decisions = _decisions(bank, ledger, order, ballot, n_flags, kept_share)
    notes = (*gaps_of(ledger), *gaps_in_resamples(gaps, ledger, n_replications))
    if n_redrawn:
        notes = (*notes, redrawn_note(n_redrawn, n_replications))
    ledger = ledger.join(decisions[["decision", "reason"]], on="item")
    return Reduction(
        ledger=ledger,
        decisions=decisions,
        n_persons=len(bank.responses),
        n_replications=n_replications,
        notes=notes,
    )


def _prepare(
    responses: pd.DataFrame,
    domains: Scales,
    groups: pd.DataFrame | None,
    content: pd.DataFrame | None,
) -> Bank:
    domains = {name: list(items) for name, items in domains.items()}
    check_items_once(domains, one_scale=True)
    items = [item for members in domains.values() for item in members]
    unknown = [item for item in items if item not in responses.columns]
    if unknown:
        raise InvalidResponses(f"no column {unknown[0]} among the responses")
    if content is not None:
        _check_items(content.index, items, "a rating")
    checked = check_responses(responses[items], varying=False)
    if groups is not None:
        groups = groups.reindex(checked.persons)
    return Bank(checked.to_frame(), domains, groups, content)


def _checked_votes(
    bank: Bank, votes: pd.Series | Mapping[str, str] | None
) -> dict[Label, str]:
    ballot: dict[Label, str] = {} if votes is None else dict(votes.items())
    _check_items(ballot, bank.items, "a vote")
    for item, vote in ballot.items():
        if vote not in VOTES:
            raise InvalidResponses(f"the vote {vote!r} on {item} is not keep or drop")
    return ballot


def _check_items(
    named: Mapping[Label, str] | pd.Index, items: Sequence[str], what: str
) -> None:
    unknown = [item for item in named if item not in items]
    if unknown:
        raise InvalidResponses(f"{what} about {unknown[0]}, which no domain holds")


def _statistics_of(rules: Sequence[Rule]) -> list[str]:
    names = list(dict.fromkeys(rule.statistic for rule in rules))
    unknown = [name for name in names if name not in STATISTICS]
    if unknown:
        raise InvalidResponses(
            f"a rule about {unknown[0]}, which is none of {', '.join(STATISTICS)}"
        )
    return names


def _minima(bank: Bank, minimum: Mapping[str, int] | int) -> dict[str, int]:
    if isinstance(minimum, Mapping):
        return {name: minimum.get(name, 0) for name in bank.domains}
    return dict.fromkeys(bank.domains, minimum)


def _remove_in_turn(
    bank: Bank,
    ledger: pd.DataFrame,
    rules: Sequence[Rule],
    names: Sequence[str],
    votes: Mapping[Label, str],
    least: Mapping[str, int],
    n_flags: int,
) -> list[Label]:
    """The items to go, in order; each removal is followed by a new estimate."""
    order = [item for item, vote in votes.items() if vote == "drop"]
    for item in order:
        bank = bank.without(item)
    if order:
        ledger = judge(bank, rules, names)
    while True:
        counts = flag_counts(ledger)
        candidates = [
            item
            for item in counts.index[counts["size"] >= n_flags]
            if votes.get(item) != "keep"
            and len(bank.domains[bank.home[item]]) > least[bank.home[item]]
        ]
        if not candidates:
            return order
        worst = counts.loc[candidates].sort_values(["size", "sum"]).index[-1]
        order.append(worst)
        bank = bank.without(worst)
        ledger = judge(bank, rules, names)


def _frequencies(
    bank: Bank,
    rules: Sequence[Rule],
    n_flags: int,
    n_replications: int,
    rng: Rng,
    executor: Executor | None,
    progress: Progress | None,
) -> tuple[pd.Series, pd.DataFrame, int]:
    """Share of resamples that keep each item, items not assessed in each, redrawn."""
    if not n_replications:
        return pd.Series(np.nan, bank.items), pd.DataFrame(), 0
    seeds = streams(rng, n_replications)
    tasks = [(bank, rules, n_flags, child) for child in seeds]
    parts = run_all(_kept_in_resample, tasks, executor, progress)
    kept, gaps, n_redrawn = zip(*parts)
    return pd.DataFrame(kept).mean(), pd.DataFrame(gaps), sum(n_redrawn)


def _kept_in_resample(
    task: tuple[Bank, Sequence[Rule], int, SeedSequence],
) -> tuple[pd.Series, pd.Series, int]:
    """Whether each item has fewer than `n_flags` flags in one bootstrap sample.

    Also how many items each statistic was not assessed for, and samples drawn again.
    """
    bank, rules, n_flags, child = task
    rows, n_redrawn = _resampled_rows(bank, np.random.default_rng(child))
    ledger = judge(bank.resampled(rows), rules, _statistics_of(rules))
    gaps = ledger["outcome"].eq(NOT_ASSESSED).groupby(ledger["statistic"]).sum()
    return flag_counts(ledger)["size"] < n_flags, gaps, n_redrawn


def _resampled_rows(bank: Bank, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Persons of one bootstrap sample, in which what varies among all varies too."""
    varying = bank.responses.drop(columns=list(still(bank.responses)))
    values, n_persons = varying.to_numpy(float), len(varying)
    if varying.shape[1] > 1 and pairs_vary(values):
        return usable_rows(rng, values)
    return drawn_until(
        lambda: rng.integers(0, n_persons, n_persons),
        lambda rows: all(len(np.unique(x[~np.isnan(x)])) > 1 for x in values[rows].T),
    )


def _decisions(
    bank: Bank,
    ledger: pd.DataFrame,
    order: Sequence[Label],
    votes: Mapping[Label, str],
    n_flags: int,
    kept_share: pd.Series,
) -> pd.DataFrame:
    counts = flag_counts(ledger)["size"].astype(int)
    flags = ledger[ledger["flagged"]].groupby("item")["statistic"].agg(", ".join)
    in_doubt = ledger[ledger["outcome"].isin([NOT_ASSESSED, IN_PART])]
    unknown = in_doubt.groupby("item")["statistic"].agg(", ".join)
    position = {item: k + 1 for k, item in enumerate(order)}
    rows = {}
    for item in bank.items:
        decision, reason = _decide(
            item in position,
            votes.get(item),
            counts[item],
            n_flags,
            flags.get(item, ""),
            unknown.get(item, ""),
        )
        rows[item] = {
            "domain": bank.home[item],
            "flags": flags.get(item, ""),
            "not_assessed": unknown.get(item, ""),
            "decision": decision,
            "reason": reason,
            "order": position.get(item, np.nan),
            "kept_share": kept_share[item],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")


def _decide(
    is_removed: bool,
    vote: str | None,
    count: int,
    n_flags: int,
    flags: str,
    unknown: str,
) -> tuple[str, str]:
    if is_removed and vote == "drop":
        return "removed", DROPPED
    if is_removed:
        return "removed", f"flags after re-estimation, at first {flags or 'none'}"
    if vote == "keep" and count:
        return "kept by vote", f"people with lived experience kept it despite {flags}"
    if count >= n_flags:
        return "kept", f"{flags}: gone once others went, or its domain needs it"
    if flags:
        return "kept", f"{flags}: too few flags to go"
    if unknown:
        return "kept", f"no flag in what was assessed; not assessed: {unknown}"
    return "kept", "no flag"
