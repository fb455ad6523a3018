"""Control charts worked out again: whole fractions, one window after another."""

from fractions import Fraction
from itertools import pairwise


def slow_chart(values, rules):
    """Centre, limits and the points each rule marks; None stands for a gap.

    Every window of the series is looked at by itself, in exact fractions. `rules`
    is a rule set that marks every point of a pattern.
    """
    exact = [None if v is None else Fraction(v) for v in values]
    known = [i for i, v in enumerate(exact) if v is not None]
    ranges = {
        i: abs(exact[i] - exact[i - 1]) for i in known if i and exact[i - 1] is not None
    }
    mean_range = _mean(ranges.values())
    kept = dict(ranges)
    if rules.screening != "none" and mean_range > 0:
        limit = Fraction("3.267") * mean_range
        kept = {i: r for i, r in ranges.items() if r < limit}
    in_mean = known
    if rules.screening == "ranges_and_mean":
        in_mean = [i for i in known if i not in ranges or i in kept]
    centre, mean_range = _mean(exact[i] for i in in_mean), _mean(kept.values())
    three = Fraction(str(rules.limits)) * mean_range
    two = Fraction(str(rules.near_limits)) * mean_range
    away = [exact[i] - centre for i in known]
    marks = {
        "outside": {i for i, d in enumerate(away) if abs(d) > three},
        "side": _side(away, rules.side_run),
        "trend": _trend([exact[i] for i in known], rules.trend_run, rules.ties),
        "two_of_three": _two_of_three(
            away, two, three if rules.two_of_three == "band" else None
        ),
    }
    places = {rule: {known[i] for i in found} for rule, found in marks.items()}
    return centre, centre - three, centre + three, places


def _mean(numbers):
    numbers = list(numbers)
    return sum(numbers, Fraction(0)) / len(numbers)


def _windows(n, width):
    return (range(i, i + width) for i in range(n - width + 1))


def _side(away, run):
    found = set()
    for window in _windows(len(away), run):
        for sign in (1, -1):
            if all(sign * away[i] > 0 for i in window):
                found |= set(window)
    return found


def _trend(values, run, ties):
    """A trend of points, each with the place of the tied points it stands for."""
    places = list(range(len(values)))
    if ties == "end":
        blocks = [[i] for i in places]
    else:
        blocks = []
        for i in places:
            if blocks and values[blocks[-1][0]] == values[i]:
                blocks[-1].append(i)
            else:
                blocks.append([i])
    found = set()
    for window in _windows(len(blocks), run):
        chosen = [values[blocks[k][0]] for k in window]
        rises = all(a < b for a, b in pairwise(chosen))
        falls = all(a > b for a, b in pairwise(chosen))
        if rises or falls:
            # Ties before its first step and after its last are no part of a trend.
            first, last = blocks[window[0]][-1], blocks[window[-1]][0]
            found |= set(range(first, last + 1))
    return found


def _two_of_three(away, two, three):
    def beyond(i, sign):
        far = sign * away[i]
        return far > two and (three is None or far <= three)

    found = set()
    for window in _windows(len(away), 3):
        for sign in (1, -1):
            chosen = {i for i in window if beyond(i, sign)}
            found |= chosen if len(chosen) >= 2 else set()
    return found
