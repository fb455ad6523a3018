"""Votes of people with lived experience on which items to keep."""

from __future__ import annotations

import pandas as pd

from ..errors import InvalidResponses

VOTES = ("keep", "drop")


def tally_votes(ballots: pd.DataFrame) -> pd.Series:
    """Return what the majority wants of each item (May, 1952, on majority rule).

    Parameters
    ----------
    ballots : DataFrame, a row a ballot
        Columns item and vote ("keep" or "drop"); others, such as who voted, are
        left alone. An item may stand in many rows.

    Returns
    -------
    Series
        Item -> "keep" or "drop", in the order in which items first stand; an item
        with as many for as against is left out, since nothing was decided.

    Raises
    ------
    InvalidResponses
        A column that is missing, or a vote that is neither; the row is named.

    Examples
    --------
    >>> import pandas as pd
    >>> ballots = pd.DataFrame({"item": ["calm"] * 3, "vote": ["keep", "keep", "drop"]})
    >>> tally_votes(ballots).to_dict()
    {'calm': 'keep'}
    """
    for column in ("item", "vote"):
        if column not in ballots:
            raise InvalidResponses(f"the ballots have no column {column}")
    votes = ballots["vote"].astype(str).str.strip().str.lower()
    wrong = votes[~votes.isin(VOTES)]
    if len(wrong):
        raise InvalidResponses(
            f"column vote, row {wrong.index[0]}: {wrong.iloc[0]!r} is not keep or drop"
        )
    items = ballots["item"].astype(str).str.strip()
    counts = pd.crosstab(items, votes).reindex(columns=VOTES, fill_value=0)
    counts = counts.reindex(items.unique())
    decided = counts[counts["keep"] != counts["drop"]]
    return decided.idxmax(axis=1).rename("vote")
