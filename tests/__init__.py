"""The suite; a package, so that its own modules can be imported by name."""
