"""Counts in words: 1 factor, 2 factors."""


def counted(n: int, noun: str, plural: str = "") -> str:
    """`n` and its noun, singular or plural as the number is."""
    return f"{n} {noun if n == 1 else plural or noun + 's'}"
