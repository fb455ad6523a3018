"""What a caller says: options of a few, levels, and generators of chance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import numpy as np

from .annotations import Rng
from .errors import InvalidOption


def check_option(name: str, value: object, choices: Iterable[object]) -> None:
    """Refuse a value that is none of `choices`.

    Raises
    ------
    InvalidOption
        Naming the option, its value and the choices.
    """
    known = list(choices)
    if not any(value is choice or value == choice for choice in known):
        listed = ", ".join(map(str, known))
        raise InvalidOption(f"{name} is {value!r}; give one of {listed}")


def check_level(level: float) -> None:
    """Refuse a level of confidence that is no share: 95 where 0.95 is meant.

    Raises
    ------
    InvalidOption
        The level is not inside (0, 1).
    """
    if not 0 < level < 1:
        raise InvalidOption(
            f"level is {level}; give a share inside (0, 1), such as 0.95"
        )


def generator(rng: Rng, *, what: str = "this") -> np.random.Generator:
    """Return `rng`, or a generator seeded by it where it is a whole number.

    Raises
    ------
    InvalidOption
        Where `rng` is None: nothing here draws numbers that cannot be drawn again.
    """
    if rng is None:
        raise InvalidOption(
            f"{what} needs rng: a numpy Generator, or a whole number to seed one"
        )
    return np.random.default_rng(rng)


def streams(rng: Rng, n: int) -> list[np.random.SeedSequence]:
    """Return `n` independent seeds, the same ones whoever uses them in what order.

    Of a whole number the children of its SeedSequence; of a Generator its own, which
    differ from call to call.
    """
    if isinstance(rng, np.random.Generator):
        seeds = cast("np.random.SeedSequence", rng.bit_generator.seed_seq)
        return seeds.spawn(n)
    if rng is None:
        generator(rng, what="the simulation")
    return np.random.SeedSequence(rng).spawn(n)
