"""Correlations of ordinal items, and how far sampling moves them."""
