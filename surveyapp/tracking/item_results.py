"""What people answered to each item, from counts of blocks: shares, means, reasons.

Counts come in steps of five, so that shares are about right and small ones may be
none. Means run from 0 to 100; a reason that the form counts as the lowest category
counts so here. Who was not asked an item, as after the gate, is in no share of it.
"""

from dataclasses import dataclass
from statistics import NormalDist, fmean

from .. import bank
from ..errors import NotFound
from .blocks import CARE_PLAN
from .groups import ROUNDING

NOT_WANTED = "not_wanted"
LOWEST = "lowest"  # the coding of reasons that count as the lowest category
LEAST = 10  # people who must have answered an item before anything is said of it
MOST = 3  # items named at either end
ERROR = 0.05  # of naming any item that does not stand out
SEEN = "living_document_seen"  # asked of who has a plan
PLAN = {"yes": "have one", "no": "have none", "not_sure": "are not sure"}


@dataclass(frozen=True)
class Share:
    """People who chose one category or reason: about how many, and their share."""

    label: str
    n: int
    share: float


@dataclass(frozen=True)
class ItemResult:
    """One item, in the words that people saw; shares of `n`, who gave any answer.

    `mean` is None where fewer than ten people count in it.
    """

    ref: str
    id: str
    version: int
    prerequisite: str
    wording: str
    level: str
    n: int
    n_scored: int  # those who count in the mean
    categories: tuple  # of Share, lowest first; shares of those who chose one
    reasons: tuple  # of Share, where about five or more gave one
    not_wanted: float | None  # share of all; None where that could not be said
    mean: float | None
    se: float | None

    @property
    def n_chosen(self):
        return sum(each.n for each in self.categories)

    @property
    def not_wanted_text(self):
        """The rate of those who did not want what the item is about."""
        if self.not_wanted is None:
            return "not offered"
        return (
            f"{self.not_wanted:.0%}" if self.not_wanted else "none, or too few to show"
        )

    @property
    def description(self):
        """The alternative text of its bar."""
        if not self.n_chosen:
            return "Nobody chose a category, or too few to say."
        parts = ", ".join(f"{s.label} {s.share:.0%}" for s in self.categories)
        return f"Of about {self.n_chosen} people: {parts}."


@dataclass(frozen=True)
class Plans:
    """Who has a care plan, and of these, who agrees that they saw it."""

    n: int
    shares: tuple
    n_seen: int = 0
    seen: float | None = None

    @property
    def text(self):
        if not self.n:
            return ""
        told = ", ".join(f"{s.share:.0%} {s.label}" for s in self.shares)
        return f"Of about {self.n} people asked whether they have a care plan, {told}."

    @property
    def seen_text(self):
        if self.seen is None:
            return ""
        return (
            f"Of about {self.n_seen} of those with a plan who said whether they have"
            f" seen it, {self.seen:.0%} have."
        )


def item_results(family, tally):
    """ItemResults of a form in its order; none where the form is there no more."""
    form = form_of(family)
    if form is None:
        return ()
    return tuple(
        _result(form, item, tally.counts[item.ref], tally.n_blocks)
        for item in form.items
        if item.ref in tally.counts
    )


def form_of(family):
    """The form whose items these are, or None where it was taken away."""
    try:
        return bank.instrument(family)
    except NotFound:
        return None


def _result(form, item, counts, n_blocks):
    values = item.responses.values
    chosen = {v: counts.get(str(v), 0) for v in values}
    n_chosen = sum(chosen.values())
    reasons = {reason: counts.get(reason, 0) for reason in item.reasons}
    n = n_chosen + sum(reasons.values())
    as_lowest = sum(n for r, n in reasons.items() if item.reasons[r] == LOWEST)
    n_scored = n_chosen + as_lowest
    mean, se = _mean(chosen, as_lowest, n_blocks)
    return ItemResult(
        ref=item.ref,
        id=item.id,
        version=item.version,
        prerequisite=item.prerequisite,
        wording=form.stem(item),
        level=item.level,
        n=n,
        n_scored=n_scored,
        categories=_shares(chosen, item.responses.labels, n_chosen),
        reasons=tuple(
            each for each in _shares(reasons, item.responses.reason_labels, n) if each.n
        ),
        not_wanted=_of(reasons.get(NOT_WANTED), n),
        mean=mean,
        se=se,
    )


def _shares(counts, labels, n):
    return tuple(
        Share(labels[each], count, count / n if n else 0.0)
        for each, count in counts.items()
    )


def _of(count, n):
    return None if count is None or not n else count / n


def _mean(chosen, as_lowest, n_blocks):
    """Mean on 0 to 100 and its standard error, rounding of the counts included.

    Each count of a block was moved by rounding with a variance of 25/6 on average.
    """
    low, high = min(chosen), max(chosen)
    people = [(100 * (v - low) / (high - low), n) for v, n in chosen.items()]
    people.append((0.0, as_lowest))
    n = sum(count for _, count in people)
    if n < LEAST:
        return None, None
    mean = sum(value * count for value, count in people) / n
    squares = sum(count * (value - mean) ** 2 for value, count in people)
    moved = sum(ROUNDING * n_blocks * (value - mean) ** 2 for value, _ in people)
    return mean, (squares / n / n + moved / n**2) ** 0.5


def standing_out(results):
    """The strongest items, highest first, and the weakest, lowest first.

    An item stands out where its mean differs from that of all items by more than
    chance, at an error of 5 % over all of them together (Bonferroni).
    """
    told = [each for each in results if each.mean is not None]
    if len(told) < 2:
        return (), ()
    usual = fmean(each.mean for each in told)
    z = NormalDist().inv_cdf(1 - ERROR / len(told) / 2)
    high = [each for each in told if each.mean - z * each.se > usual]
    low = [each for each in told if each.mean + z * each.se < usual]
    high.sort(key=lambda each: -each.mean)
    low.sort(key=lambda each: each.mean)
    return tuple(high[:MOST]), tuple(low[:MOST])


def plans(tally, results):
    """Who has a care plan and who saw it, of those who were asked."""
    asked = tally.counts.get(CARE_PLAN, {})
    n = sum(asked.get(answer, 0) for answer in PLAN)
    shares = _shares({a: asked.get(a, 0) for a in PLAN}, PLAN, n)
    seen = next((r for r in results if r.id == SEEN), None)
    if seen is None or seen.n_scored < LEAST:
        return Plans(n, shares)
    agree = seen.categories[len(seen.categories) // 2 + 1 :]
    n_seen = sum(each.n for each in agree)
    return Plans(n, shares, seen.n_scored, n_seen / seen.n_scored)
