"""Items one by one and chosen together: descriptives, content validity, short forms."""
