"""How often two readings of a form differ, in 100 fields, with an interval.

A rate over forms: differences in all fields but the free comment, over the fields
that were read twice. Differences come in clusters, as when a keyer slips by a line,
so the interval is Wilson's (1927) for the number of independent fields that would
vary as much between forms (a design effect of 1 or more; Kish 1965).
"""

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from sqlalchemy import select

from ..calendar import LONDON
from ..models import KeyedForm

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Rate:
    """Differences in 100 fields with a 95 % interval; of one group of forms."""

    label: str
    n_forms: int
    n_fields: int
    n_differences: int
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Rates:
    overall: Rate | None
    by_month: tuple
    by_pair: tuple


def rates(session, campaign_ids):
    """Of these campaigns: all forms read twice, by month, and by the two readers."""
    compared = session.scalars(
        select(KeyedForm)
        .where(
            KeyedForm.campaign_id.in_(campaign_ids), KeyedForm.compared_at.is_not(None)
        )
        .order_by(KeyedForm.compared_at)
    ).all()
    months, pairs = defaultdict(list), defaultdict(list)
    for form in compared:
        counts = (form.n_differences, form.n_fields)
        months[f"{form.compared_at.astimezone(LONDON):%B %Y}"].append(counts)
        names = sorted((form.first_keyer.name, form.second_keyer.name))
        pairs[" and ".join(names)].append(counts)
    everything = [(form.n_differences, form.n_fields) for form in compared]
    return Rates(
        overall=rate("All forms", everything) if compared else None,
        by_month=tuple(rate(label, counts) for label, counts in months.items()),
        by_pair=tuple(rate(label, pairs[label]) for label in sorted(pairs)),
    )


def rate(label, counts):
    """The rate of forms given as (differences, fields) each."""
    n_differences = sum(differences for differences, _ in counts)
    n_fields = sum(fields for _, fields in counts)
    lower, upper = interval(counts)
    share = n_differences / n_fields
    return Rate(
        label,
        len(counts),
        n_fields,
        n_differences,
        100 * share,
        100 * lower,
        100 * upper,
    )


def interval(counts):
    """Wilson's interval of a share, for as many fields as the forms are worth."""
    fields = sum(n for _, n in counts)
    share = sum(d for d, _ in counts) / fields
    n = fields / design_effect(counts)
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def design_effect(counts):
    """Variance of the ratio between forms over that of as many fields apart."""
    k, fields = len(counts), sum(n for _, n in counts)
    share = sum(d for d, _ in counts) / fields
    if k < 2 or share in (0, 1):
        return 1.0
    between = sum((d - share * n) ** 2 for d, n in counts) * k / (k - 1) / fields**2
    return max(1.0, between / (share * (1 - share) / fields))
