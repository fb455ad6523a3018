"""Numbers with what there are so many of, in English."""


def counted(n, one, many=None, said=str):
    """1 row, 2 rows, 1 person, 0 people; `many` is `one` with an s unless given.

    `said` is what becomes of the word, such as its translation.
    """
    return f"{n:,} {said(one if n == 1 else many or f'{one}s')}"
