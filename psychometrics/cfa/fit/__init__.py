"""Tests and indices of fit, of one model and of the difference between two."""
