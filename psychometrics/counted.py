"""Counts in words: 1 factor, 2 factors; 200 persons with an answer."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """`n` and its noun, singular or plural as the number is."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"


def people(n_obs: float, n_persons: int | None, n_complete: int | None) -> str:
    """Who stands behind correlations: the persons, and how many answered everything.

    `n_obs` is said only of a matrix that came without its persons: where answers are
    missing it is a mean over pairs, and nobody's count.
    """
    if n_persons is None or n_complete is None:
        return f"n = {n_obs:.0f}"
    if n_complete == n_persons:
        return counted(n_persons, "person")
    return f"{counted(n_persons, 'person')} with an answer, {n_complete} complete"
