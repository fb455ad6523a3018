"""The estimators: where they start, what they minimise, what they refuse."""
