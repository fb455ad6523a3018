"""Reliability: internal consistency, raters, retest, composites, and whole units."""
