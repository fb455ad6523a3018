"""What accomplices learn of figures that are let out, under several rules.

    PYTHONPATH=. python benchmarks/release.py [GROUPS]

A lead knows nine of ten people in each group, or 27 of 30 in a block, knows how scores
lie in the population, and places the tenth where most of what is left possible lies
within ten points. Printed are the share of the tenth's scores that are within ten
points of that, and the share of groups in which 20 points or more stay possible.
"""

import sys

import numpy as np

GROUPS = 4000
MEAN, SD, BESIDE = 50.0, 23.0, 12.0  # a prerequisite lies about the overall score
GRID = np.arange(101.0)
NEAR, WIDE, DRAWN = 10, 20, 4000


def main(n):
    rng = np.random.default_rng(25)
    honest = population(rng, n)
    known = rng.uniform(0, 100, (n, 9)).sum(axis=1)
    say("blind, from the population alone", [MEAN] * n, [100] * n, honest)
    for step in (1, 2, 5, 10):
        looks = released(honest, known, step, rng.random((1, n)))
        say(
            f"one mean, in steps of {step}", *guesses(looks, known, step, False), honest
        )
    for n_looks in (2, 4, 8):
        looks = released(honest, known, 5, rng.random((n_looks, n)))
        text = f"{n_looks} scorings, each with a draw of its own"
        say(text, *guesses(looks, known, 5, False), honest)
    shifts = np.linspace(0, 4, 8)[:, None]
    looks = released(honest, known, 5, rng.random((1, n)), shifts)
    text = "8 scorings that differ by up to 4 points, with one draw for all"
    say(text, *guesses(looks, known, 5, True, shifts), honest)
    # Changes that are the same for everybody are known already: the first look again.
    looks = released(honest, known, 5, rng.random((1, n)))
    text = "the same, where the change of the mean is what is rounded"
    say(text, *guesses(looks, known, 5, False), honest)
    of_blocks(rng, n // 3)


def population(rng, size):
    return np.clip(rng.normal(MEAN, SD, size), 0, 100)


def released(honest, known, step, draws, shifts=0.0):
    """The same means rounded once for each row of draws, or of shifts."""
    means = (honest + known) / 10 + shifts
    return step * np.floor(means / step + draws)


def guesses(looks, known, step, is_one_draw, shifts=None):
    """The best guess of each tenth score, and how wide what stays possible is."""
    best, wide = [], []
    shifts = np.zeros((len(looks), 1)) if shifts is None else shifts
    for figures, nine in zip(looks.T, known):
        # How often a draw gives the figure, for each score that the tenth may have.
        start = figures[:, None] / step - ((nine + GRID) / 10 + shifts) / step
        low, high = np.maximum(start, 0), np.minimum(start + 1, 1)
        if is_one_draw:
            likely = np.clip(high.min(axis=0) - low.max(axis=0), 0, 1)
        else:
            likely = np.clip(high - low, 0, 1).prod(axis=0)
        possible = GRID[likely > 1e-9]
        posterior = likely * np.exp(-((GRID - MEAN) ** 2) / (2 * SD**2))
        near = [posterior[np.abs(GRID - g) <= NEAR].sum() for g in GRID]
        best.append(GRID[int(np.argmax(near))])
        wide.append(possible[-1] - possible[0])
    return best, wide


def of_blocks(rng, n):
    """With the six prerequisites of each three groups beside their means."""
    right = []
    for _ in range(n):
        honest = people(rng, 1)
        others = people(rng, 1, each=27)
        means = (others.reshape(3, 9, 6).sum(axis=1) + honest[0]).mean(axis=1) / 10
        overall = 5 * np.floor(means / 5 + rng.random(3))
        scales = (others[0].sum(axis=0) + honest[0].sum(axis=0)) / 30
        six = 5 * np.floor(scales / 5 + rng.random(6))
        drawn = people(rng, DRAWN)
        nines = others.reshape(3, 9, 6).sum(axis=1)
        made = (nines + drawn).mean(axis=2) / 10
        weights = chance(overall - made).prod(axis=1)
        made = (others[0].sum(axis=0) + drawn.sum(axis=1)) / 30
        weights *= chance(six - made).prod(axis=1)
        for tenth, values in zip(honest[0].mean(axis=1), drawn.mean(axis=2).T):
            near = np.abs(GRID[:, None] - values) <= NEAR
            best = GRID[int(np.argmax(near @ weights))]
            right.append(abs(best - tenth) <= NEAR)
    print(f"{np.mean(right):.3f}          three means and their block's prerequisites")


def people(rng, size, each=3):
    """Scores on six prerequisites of `each` people in `size` worlds."""
    overall = rng.normal(MEAN, (SD**2 - BESIDE**2 / 6) ** 0.5, (size, each, 1))
    beside = rng.normal(0, BESIDE, (size, each, 6))
    return np.clip(overall + beside, 0, 100)


def chance(distance):
    """How likely a mean is rounded to a figure so far from it."""
    return np.clip(1 - np.abs(distance) / 5, 0, 1)


def say(text, best, wide, honest):
    right = np.mean(np.abs(np.array(best) - honest) <= NEAR)
    print(f"{right:.3f}  {np.mean(np.array(wide) >= WIDE):.3f}   {text}")


if __name__ == "__main__":
    print("near   wide    what is let out")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else GROUPS)
