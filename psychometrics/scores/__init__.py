"""Scores of persons and groups: scales, change, hypotheses, charts, small numbers."""
