"""Validation runs: asked for on a page, worked on in the queue, kept and compared."""
