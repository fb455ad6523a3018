"""Measurement invariance over groups and over occasions."""
