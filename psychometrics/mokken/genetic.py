"""Genetic search over partitions of items into scales."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

POPULATION, GENERATIONS, PATIENCE = 30, 150, 40


def best_partition(
    start: np.ndarray, is_scale: Callable, rng: np.random.Generator
) -> np.ndarray:
    """Search for the partition with the longest scales, best first.

    A partition is worth the sizes of its valid scales in falling order, compared
    one after the other (the order of worth in Straat, Van der Ark & Sijtsma, 2013).
    Partitions are bred by taking whole scales from two parents and mutated by moving
    single items; each child is mended: clusters that are no scale shed items, and items
    without a scale join where they may.

    Parameters
    ----------
    start : int array, shape (n_items,)
        A first partition: 1, 2, ...; 0 for no scale.
    is_scale : callable
        Given positions of items, says whether they form a scale.
    """
    check = _remembered(is_scale)
    population = [_mended(start, check, rng)]
    population += [_mutated(start, check, rng) for _ in range(POPULATION - 1)]
    population.sort(key=_worth, reverse=True)
    unimproved = 0
    for _ in range(GENERATIONS):
        best = _worth(population[0])
        children = [_child(population, check, rng) for _ in range(POPULATION)]
        population = sorted(population + children, key=_worth, reverse=True)
        population = _distinct(population)[:POPULATION]
        unimproved = 0 if _worth(population[0]) > best else unimproved + 1
        if unimproved == PATIENCE:
            break
    return _numbered(population[0])


def _remembered(is_scale: Callable) -> Callable:
    known = {}

    def check(items: Sequence[int]) -> bool:
        key = tuple(sorted(int(item) for item in items))
        if len(key) < 2:
            return False
        if key not in known:
            known[key] = is_scale(list(key))
        return known[key]

    return check


def _worth(partition: np.ndarray) -> tuple[int, ...]:
    return tuple(np.sort(np.bincount(partition)[1:])[::-1])


def _distinct(population: Sequence[np.ndarray]) -> list[np.ndarray]:
    return list({_numbered(one).tobytes(): one for one in population}.values())


def _numbered(partition: np.ndarray) -> np.ndarray:
    """Number scales by falling size, then by their first item."""
    numbers = [k for k in np.unique(partition) if k]
    numbers.sort(key=lambda k: (-(partition == k).sum(), np.argmax(partition == k)))
    renamed = np.zeros_like(partition)
    for new, old in enumerate(numbers, start=1):
        renamed[partition == old] = new
    return renamed


def _child(
    population: Sequence[np.ndarray], check: Callable, rng: np.random.Generator
) -> np.ndarray:
    better = np.minimum(*rng.integers(len(population), size=(2, 2)))
    mother, father = (population[k] for k in better)
    child = np.zeros_like(mother)
    for number in range(1, mother.max() + 1):
        if rng.random() < 0.5:
            child[mother == number] = number
    for number in range(1, father.max() + 1):
        free = (father == number) & (child == 0)
        child[free] = mother.max() + number
    return _mutated(child, check, rng)


def _mutated(
    partition: np.ndarray, check: Callable, rng: np.random.Generator
) -> np.ndarray:
    moved = partition.copy()
    which = rng.random(len(moved)) < rng.choice([0.05, 0.15, 0.4])
    moved[which] = rng.integers(0, moved.max() + 2, size=which.sum())
    return _mended(moved, check, rng)


def _mended(
    partition: np.ndarray, check: Callable, rng: np.random.Generator
) -> np.ndarray:
    mended = partition.copy()
    for number in [k for k in np.unique(mended) if k]:
        items = list(rng.permutation(np.flatnonzero(mended == number)))
        while items and not check(items):
            mended[items.pop()] = 0
    mended = _numbered(mended)
    for item in rng.permutation(np.flatnonzero(mended == 0)):
        for number in range(1, mended.max() + 1):
            if check([*np.flatnonzero(mended == number), item]):
                mended[item] = number
                break
    return _numbered(_with_new_pair(mended, check))


def _with_new_pair(partition: np.ndarray, check: Callable) -> np.ndarray:
    left = np.flatnonzero(partition == 0)
    for a, i in enumerate(left):
        for j in left[a + 1 :]:
            if check([i, j]):
                partition[[i, j]] = partition.max() + 1
                return partition
    return partition
