"""Paper: printed forms and letters, and keyed entry that mirrors them."""
