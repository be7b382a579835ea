"""Both methods on one pair, and what can be said about it."""
