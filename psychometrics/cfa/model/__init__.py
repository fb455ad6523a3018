"""The model: its language, its parameters, and the moments they imply."""
