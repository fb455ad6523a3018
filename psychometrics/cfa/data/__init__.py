"""What the estimators take from the answers: moments, groups, clusters."""
