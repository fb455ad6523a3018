"""From a bank of items to fewer: staged flags, a ledger, and people who decide."""

from .rules import DEFAULT_RULES, Rule
from .staged_reduction import Reduction, reduce_items
from .votes import tally_votes

__all__ = ["DEFAULT_RULES", "Reduction", "Rule", "reduce_items", "tally_votes"]
