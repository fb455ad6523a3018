"""Common factors: how many, which, how they rotate, and what they leave."""
