"""Labels of groups as people write them, whatever type a column has."""

from __future__ import annotations

import pandas as pd


def as_labels(column: pd.Series) -> pd.Series:
    """Text without blanks at the ends; 1.0 becomes "1", missing stays missing."""
    text = column.astype("string").str.strip()
    return text.str.replace(r"^(-?\d+)\.0$", r"\1", regex=True).replace("", pd.NA)
